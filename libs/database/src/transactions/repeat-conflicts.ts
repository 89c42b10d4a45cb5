import { setTimeout as sleep } from 'node:timers/promises';
import { isSqlError } from '../servers/database-errors.js';

/** serialization_failure, deadlock_detected. */
const CONFLICTS = new Set(['40001', '40P01']);
const MOST_ATTEMPTS = 4;

/**
 * Runs `attempt` again when PostgreSQL has rolled it back for the sake of another transaction. For whole transactions and
 * statements of their own only: of part of a transaction nothing is left to go on from.
 */
export async function repeatConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === MOST_ATTEMPTS || !isConflict(error)) throw error;
      // Those that collided are not to meet again.
      await sleep(Math.random() * 10 * 2 ** attempts);
    }
  }
}

export function isConflict(error: unknown): boolean {
  return isSqlError(error) && CONFLICTS.has(error.code);
}
