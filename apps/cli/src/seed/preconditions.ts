import type { SqlSession } from '@app/database';
import { requireSchema } from '../schema-check.js';

/** Any two numbers, as long as everything that seeds uses the same: the letters `tand`, and 2. */
const LOCK = '1952542308, 2';

/** @throws CommandRefusedError where the schema is not the one this build seeds. */
export async function prepareSeeding(session: SqlSession): Promise<void> {
  await requireSchema(session);
  // So that the server rolls back within a second when this process is killed. Servers on some systems can't.
  await session.query(`SET client_connection_check_interval = '1s'`).catch(() => undefined);
}

/** Of two that seed at once the second waits until the end of the first one's transaction. */
export async function lockSeeding(session: SqlSession): Promise<void> {
  await session.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
}
