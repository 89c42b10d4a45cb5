import type { FieldError } from '@app/errors';
import type { RejectedLine } from '../rows/rejected-line.js';

/** What became of some rows: those that are neither inserted nor rejected met a row that was there. */
export interface WriteOutcome {
  inserted: number;
  updated: number;
  rejected: RejectedLine[];
}

export function emptyOutcome(): WriteOutcome {
  return { inserted: 0, updated: 0, rejected: [] };
}

export function addOutcome(sum: WriteOutcome, { inserted, updated, rejected }: WriteOutcome): WriteOutcome {
  return {
    inserted: sum.inserted + inserted,
    updated: sum.updated + updated,
    rejected: [...sum.rejected, ...rejected],
  };
}

/** Why a row that is well-formed does not land, in the words of the API. */
export const REASONS = {
  emailTaken: { field: 'email', code: 'taken', message: 'Email already exists' },
  customerNotFound: { field: 'id', code: 'not_found', message: 'id names no customer' },
  accountNotFound: { field: 'id', code: 'not_found', message: 'id names no account' },
  customerIdUnknown: { field: 'customer_id', code: 'unknown', message: 'customer_id names no customer' },
  customerEmailUnknown: { field: 'customer_email', code: 'unknown', message: 'customer_email names no customer' },
  otherCustomer: { field: 'customer_id', code: 'mismatch', message: 'The account belongs to another customer' },
} as const satisfies Record<string, FieldError>;

export function rejectRow(
  { line, cells }: { line: number; cells: readonly string[] },
  reason: FieldError,
): RejectedLine {
  return { line, cells, ...reason };
}
