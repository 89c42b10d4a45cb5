import { DomainError } from '@app/errors';
import { NotPostgresError } from './vetted-socket.js';

/** No connection was to be had: nothing listens, nobody answers in time, or the server refuses to let us in. */
export class ConnectionFailedError extends Error {
  /** Of the cause, where it has one: an SQLSTATE or what the operating system says. */
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'ConnectionFailedError';
    this.code = (cause as { code?: string }).code;
  }
}

/** The fields of PostgreSQL's error message that anyone here reads. */
export interface SqlError extends Error {
  code: string;
  /** `FATAL` ones end the connection. */
  severity?: string;
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
  if (error instanceof ConnectionFailedError || error instanceof NotPostgresError) return true;
  const { code, severity } = error as Partial<SqlError>;
  if (severity === 'FATAL' || severity === 'PANIC') return true;
  if (code !== undefined) {
    if (LOST_SOCKET_CODES.has(code) || SERVER_AWAY_CODES.has(code) || code.startsWith('08')) return true;
    // The server answered; its text may quote a caller's words, so it is not searched.
    if (SQLSTATE.test(code)) return false;
  }
  return LOST_SOCKET_MESSAGES.test(error.message);
}

/** Whether the server answered, with an error of its own, so that the connection is as good as before. */
export function isAnswer(error: unknown): boolean {
  if (error instanceof DomainError) return true;
  return isSqlError(error) && SQLSTATE.test(error.code) && (error.code === '25006' || !isConnectionFailure(error));
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

/**
 * The same for sessions that are read-only on purpose: there a write that is refused is a mistake of the caller's, while
 * anywhere else it means that the address leads to a follower by now.
 */
export function asReadFailure(error: unknown): unknown {
  return isSqlError(error) && error.code === '25006' ? error : asPrimaryFailure(error);
}
