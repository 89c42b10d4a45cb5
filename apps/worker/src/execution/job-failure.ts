import { isConnectionFailure, isSqlError } from '@app/database';
import { DomainError, type ErrorCode } from '@app/errors';
import { InvalidPayloadError, type JobFailure } from '@app/jobs';
import { UnknownJobTypeError } from './job-processors.service.js';

const PASSING: ReadonlySet<ErrorCode> = new Set(['primary_unavailable', 'schema_not_ready', 'follower_unavailable']);

/** Whether an attempt ended for a reason that lies outside the job: a server is away and will be back. */
export function isOutage(error: unknown): boolean {
  return error instanceof DomainError ? PASSING.has(error.code) : isConnectionFailure(error);
}

/** Whether the same job may succeed when it is tried again. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof InvalidPayloadError);
}

/** What the owner of a job is told about its failure. No SQL, stack or value of ours gets in; the log has them. */
export function describeFailure(error: unknown): JobFailure {
  if (error instanceof DomainError) return { code: error.code, message: error.message };
  if (error instanceof InvalidPayloadError) return { code: 'payload_invalid', message: error.message };
  if (error instanceof UnknownJobTypeError) return { code: 'job_type_unknown', message: error.message };
  if (isSqlError(error)) {
    return { code: 'database_error', message: `The database refused the job's work (SQLSTATE ${error.code})` };
  }
  return { code: 'job_failed', message: 'The job failed unexpectedly' };
}
