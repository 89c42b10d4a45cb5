import { createHash } from 'node:crypto';
import { DomainError } from '@app/errors';
import type { Position } from './keyset.js';
import type { ListRequest } from './list-request.js';

const VERSION = 1;

/**
 * Makes a cursor that only works with the same list, sort and filters: going on with other ones would silently skip
 * rows. Opaque to clients; it holds nothing that they were not shown.
 */
export function encodeCursor(position: Position, list: string, request: ListRequest): string {
  const parts = [VERSION, fingerprint(list, request), position.isForward ? 1 : 0, position.key, position.id];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws DomainError `invalid_cursor` for what this list never gave out with this sort and these filters. */
export function decodeCursor(cursor: string, list: string, request: ListRequest): Position {
  const parts = parse(cursor);
  const [version, print, forward, key, id] = parts;
  const isOurs = parts.length === 5 && version === VERSION && print === fingerprint(list, request);
  if (!isOurs || !isKey(key) || typeof id !== 'number' || !Number.isSafeInteger(id)) throw invalid();
  return { isForward: forward === 1, key, id };
}

function isKey(key: unknown): key is string | null {
  return key === null || (typeof key === 'string' && !key.includes('\0') && key.isWellFormed());
}

function parse(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    throw invalid();
  }
}

function fingerprint(list: string, { sort, filters }: ListRequest): string {
  const parts = [
    list,
    sort,
    filters.q,
    filters.status,
    filters.customerId,
    filters.createdAfter,
    filters.createdBefore,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);
}

function invalid(): DomainError {
  return new DomainError(
    'invalid_cursor',
    'Invalid cursor: use the one of a Link header, with the same sort and filters',
  );
}
