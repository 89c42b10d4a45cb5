import { ConnectionFailedError, isConnectionFailure, isSqlError } from '../servers/database-errors.js';
import { FollowerBehindItselfError, NotTheFollowerError } from '../servers/follower-pool.js';

export type RetryReason = 'retry' | 'conflict-retry' | 'schema-behind' | 'follower-role-changed';

const RECOVERY_CONFLICTS = new Set(['40001', '40P01']);
/** undefined_table, undefined_column, undefined_function: a migration that the follower has not replayed yet. */
const SCHEMA_BEHIND = new Set(['42P01', '42703', '42883']);

/**
 * Why a read that failed on a follower is asked again of the primary; undefined where the primary would fail the same
 * way (a time-out of the statement, a write in a read, a plain SQL error).
 */
export function retryReason(error: unknown): RetryReason | undefined {
  const refusal = error instanceof ConnectionFailedError ? error.cause : error;
  if (refusal instanceof NotTheFollowerError) return 'follower-role-changed';
  if (error instanceof ConnectionFailedError || error instanceof FollowerBehindItselfError) return 'retry';
  if (isSqlError(error)) {
    if (error.code === '25006' || error.code === '57014') return undefined;
    if (RECOVERY_CONFLICTS.has(error.code)) return 'conflict-retry';
    if (SCHEMA_BEHIND.has(error.code)) return 'schema-behind';
    if (error.code === '0A000' && /cached plan must not change result type/.test(error.message)) return 'schema-behind';
  }
  return isConnectionFailure(error) ? 'retry' : undefined;
}
