import { isConnectionFailure } from './database-errors.js';
import { NoAnswerError } from './server-probe.js';
import { NotPostgresError } from './vetted-socket.js';

export const MISS_CAUSES = ['refused', 'no-answer', 'closed', 'not-postgres', 'probe-failed'] as const;

/**
 * Why a look at a server failed. `refused`: nothing listens there, so there is no point in a second look. `closed`: the
 * connection or the server went away. `probe-failed`: it answered with an error, such as a wrong password.
 */
export type MissCause = (typeof MISS_CAUSES)[number];

export function missCause(error: unknown): MissCause {
  if (error instanceof NoAnswerError) return 'no-answer';
  if (error instanceof NotPostgresError) return 'not-postgres';
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT' || /timeout/.test(message ?? '')) return 'no-answer';
  return isConnectionFailure(error) ? 'closed' : 'probe-failed';
}
