import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlSession } from '@app/database';

const LIMIT_MS = 20_000;

/**
 * Resolves once the change log shows everything that was committed before the call. Transactions of other test files on the
 * same server hold it back, as any open one does.
 */
export async function untilLogSettled(session: SqlSession): Promise<void> {
  const [row] = await session.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
  const deadline = performance.now() + LIMIT_MS;
  const settled = `SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8 AS settled`;
  for (;;) {
    const [answer] = await session.query<{ settled: boolean }>(settled, [row?.id]);
    if (answer?.settled) return;
    if (performance.now() > deadline) throw new Error('The change log was held back for too long.');
    await sleep(5);
  }
}
