import { DomainError } from '@app/errors';

/** The fields of PostgreSQL's error message that anyone here reads. */
export interface SqlError extends Error {
  code: string;
  constraint?: string;
}

export function isSqlError(error: unknown): error is SqlError {
  return error instanceof Error && typeof (error as Partial<SqlError>).code === 'string';
}

export function isUniqueViolation(error: unknown): error is SqlError {
  return isSqlError(error) && error.code === '23505';
}

export function isForeignKeyViolation(error: unknown): error is SqlError {
  return isSqlError(error) && error.code === '23503';
}

const LOST_SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_DESTROYED',
]);
/** admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, read_only_sql_transaction. */
const SERVER_AWAY_CODES = new Set(['57P01', '57P02', '57P03', '53300', '25006']);
const SQLSTATE = /^[0-9A-Z]{5}$/;
const LOST_SOCKET_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|client has encountered a connection error|not queryable|pool after calling end|socket destroyed by its owner/i;

/** Whether the server could not be reached, or went away under the statement (whose outcome is then unknown). */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Partial<SqlError>;
  if (code !== undefined) {
    if (LOST_SOCKET_CODES.has(code) || SERVER_AWAY_CODES.has(code) || code.startsWith('08')) return true;
    // The server answered; its text may quote a caller's words, so it is not searched.
    if (SQLSTATE.test(code)) return false;
  }
  return LOST_SOCKET_MESSAGES.test(error.message);
}

/** What a caller of the primary is told when it is away; a write's outcome may then be unknown. */
export function primaryUnavailable(cause?: unknown): DomainError {
  return new DomainError('primary_unavailable', 'The database is not available, try again in a moment', {
    cause,
    retryAfterSeconds: 1,
  });
}

/** Passes failures of the primary's connection on as `primary_unavailable`, everything else as it is. */
export function asPrimaryFailure(error: unknown): unknown {
  if (isConnectionFailure(error)) return primaryUnavailable(error);
  if (isSqlError(error) && error.code === '57014') {
    return new DomainError('statement_timeout', 'The database took too long to answer', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
  return error;
}
