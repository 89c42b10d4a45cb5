import { isForeignKeyViolation, isSqlError } from '@app/database';
import { DomainError } from '@app/errors';
import { HttpException } from '@nestjs/common';
import type { Problem } from './problem-body.js';
import { STATUS_OF_CODE } from './status-of-code.js';

const DATA_EXCEPTION_CLASS = '22';

/** What a client is told of any error. What is not meant for clients becomes a plain 500 without a word of it. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof DomainError) return ofDomainError(error);
  if (error instanceof HttpException) return problemOfStatus(error.getStatus());
  const { statusCode, code } = (error ?? {}) as { statusCode?: number; code?: string };
  // Fastify's own refusals, and a caller who hangs up in the middle of a body.
  const isOfFastify = typeof code === 'string' && (code.startsWith('FST_') || code === 'ECONNRESET');
  if (isOfFastify && statusCode !== undefined && statusCode < 500) return problemOfStatus(statusCode);
  // The organization was deleted with all that it had, and with its users: nobody's token is left to act for it.
  if (isForeignKeyViolation(error) && error.constraint?.endsWith('_organization_id_fkey')) {
    return ofDomainError(new DomainError('invalid_token', 'Invalid or expired token'));
  }
  // A value that passed our checks and that the database's types refuse all the same: still the caller's.
  if (isSqlError(error) && error.code.startsWith(DATA_EXCEPTION_CLASS)) {
    return { status: 400, code: 'validation_failed', message: 'A value is out of range', fields: [], headers: {} };
  }
  return { status: 500, code: 'internal_error', message: 'Internal server error', fields: [], headers: {} };
}

function ofDomainError(error: DomainError): Problem {
  const status = STATUS_OF_CODE[error.code];
  const headers: Record<string, string> = {};
  if (status === 503 || status === 429) headers['retry-after'] = String(error.retryAfterSeconds ?? 1);
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  const { code, message, fields, nextCursor } = error;
  return { status, code, message, fields, headers, nextCursor };
}

const OF_STATUS: Record<number, { code: string; message: string }> = {
  400: { code: 'malformed_request', message: 'The request could not be understood' },
  404: { code: 'not_found', message: 'Not found' },
  408: { code: 'request_timeout', message: 'The request took too long to arrive' },
  413: { code: 'payload_too_large', message: 'The body is too large' },
  414: { code: 'uri_too_long', message: 'The address is too long' },
  415: { code: 'unsupported_media_type', message: 'Send application/json' },
  431: { code: 'headers_too_large', message: 'The headers are too large' },
  503: { code: 'not_ready', message: 'Not ready' },
};

/** For refusals that are known by their status alone. */
export function problemOfStatus(status: number): Problem {
  const known = OF_STATUS[status] ?? { code: 'http_error', message: 'The request was refused' };
  return { status, ...known, fields: [], headers: status === 503 ? { 'retry-after': '1' } : {} };
}
