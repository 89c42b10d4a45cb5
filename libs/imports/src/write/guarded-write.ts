import {
  isConnectionFailure,
  isSqlError,
  isUniqueViolation,
  type PrimaryDatabase,
  type Statement,
  statement,
} from '@app/database';
import { DomainError } from '@app/errors';
import { addOutcome, emptyOutcome, REASONS, rejectRow, type WriteOutcome } from './write-outcome.js';

const SAVE = statement('imports.savepoint', 'SAVEPOINT import_rows');
const RELEASE = statement('imports.release-savepoint', 'RELEASE SAVEPOINT import_rows');
const UNDO: Statement = statement('imports.rollback-to-savepoint', 'ROLLBACK TO SAVEPOINT import_rows');
/** Serialization failure, deadlock, lock not available, a statement that was cancelled: the batch is as good as before. */
const PASSING_STATES = new Set(['40001', '40P01', '55P03', '57014']);

interface Writable {
  line: number;
  cells: readonly string[];
}

/**
 * Writes rows by one statement. Where the database refuses that for a reason that nobody foresaw, the rows are written in halves, and
 * these in halves, until the refused ones stand alone: those are rejected and all others land. What passes by itself (a lost
 * connection, a deadlock) is thrown, for the whole batch to be done again.
 */
export async function guardedWrite<Row extends Writable>(
  primary: PrimaryDatabase,
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  if (rows.length === 0) return emptyOutcome();
  await primary.query(SAVE);
  try {
    const outcome = await write(rows);
    await primary.query(RELEASE);
    return outcome;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await primary.query(UNDO);
    await primary.query(RELEASE);
    const [row] = rows;
    if (rows.length === 1 && row !== undefined) return { ...emptyOutcome(), rejected: [refused(row, error)] };
    const middle = rows.length >> 1;
    const first = await guardedWrite(primary, rows.slice(0, middle), write);
    return addOutcome(first, await guardedWrite(primary, rows.slice(middle), write));
  }
}

function isRefusal(error: unknown): error is Error & { code: string } {
  return (
    isSqlError(error) &&
    !(error instanceof DomainError) &&
    !isConnectionFailure(error) &&
    !PASSING_STATES.has(error.code)
  );
}

function refused(row: Writable, error: Error & { code: string }) {
  // Somebody took the address between our look and our write.
  if (isUniqueViolation(error)) return rejectRow(row, REASONS.emailTaken);
  const { code } = error;
  return rejectRow(row, { field: '', code: 'refused', message: `The database refused this line (SQLSTATE ${code})` });
}
