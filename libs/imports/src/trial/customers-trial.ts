import type { ImportMode } from '../import-options.js';
import type { CustomerRow } from '../rows/import-row.js';
import { emptyOutcome, REASONS, rejectRow, type WriteOutcome } from '../write/write-outcome.js';
import type { KnownCustomer } from './customers-trial.repository.js';

/** Of a customer that the file itself would insert. */
const NEW = 'new';

export const emailKey = (email: string): string => `email ${email}`;
export const idKey = (id: number): string => `id ${id}`;

/**
 * Goes through rows as writing them one after the other would, on what the database holds and what the lines before would have
 * changed: who has an address (`email …`: an id, `new`, or null for nobody any more), and what a customer's address is (`id …`).
 */
export class CustomersTrial {
  /** What these rows would change, for the lines behind them. */
  readonly changes = new Map<string, string | null>();
  private readonly owners = new Map<string, string>();
  private readonly emails = new Map<number, string | null>();

  constructor(
    known: readonly KnownCustomer[],
    private readonly earlier: ReadonlyMap<string, string | null>,
  ) {
    for (const { id, email } of known) {
      this.emails.set(id, email);
      if (email !== null) this.owners.set(email, String(id));
    }
  }

  run(rows: readonly CustomerRow[], mode: ImportMode): WriteOutcome {
    const outcome = emptyOutcome();
    for (const row of rows) {
      const reason = row.id === null ? this.byEmail(row, mode, outcome) : this.byId(row.id, row.email, outcome);
      if (reason !== undefined) outcome.rejected.push(rejectRow(row, reason));
    }
    return outcome;
  }

  private byEmail({ email }: CustomerRow, mode: ImportMode, outcome: WriteOutcome) {
    const isTaken = this.ownerOf(email) !== null;
    if (isTaken && mode === 'insert') return REASONS.emailTaken;
    if (isTaken) {
      outcome.updated += 1;
      return undefined;
    }
    outcome.inserted += 1;
    this.changes.set(emailKey(email), NEW);
    return undefined;
  }

  private byId(id: number, email: string, outcome: WriteOutcome) {
    if (!this.emails.has(id)) return REASONS.customerNotFound;
    const owner = this.ownerOf(email);
    if (owner !== null && owner !== String(id)) return REASONS.emailTaken;
    outcome.updated += 1;
    const before = this.emailOf(id);
    if (before === email) return undefined;
    if (before !== null) this.changes.set(emailKey(before), null);
    this.changes.set(emailKey(email), String(id));
    this.changes.set(idKey(id), email);
    return undefined;
  }

  private ownerOf(email: string): string | null {
    return this.changed(emailKey(email)) ?? this.ownerBefore(email);
  }

  private ownerBefore(email: string): string | null {
    return this.isChanged(emailKey(email)) ? null : (this.owners.get(email) ?? null);
  }

  private emailOf(id: number): string | null {
    return this.isChanged(idKey(id)) ? this.changed(idKey(id)) : (this.emails.get(id) ?? null);
  }

  private isChanged(key: string): boolean {
    return this.changes.has(key) || this.earlier.has(key);
  }

  private changed(key: string): string | null {
    const own = this.changes.get(key);
    return own === undefined ? (this.earlier.get(key) ?? null) : own;
  }
}
