import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const WRITERS = 8;
const POSITION = 'SELECT pg_current_wal_insert_lsn()::text AS lsn';
const REACHED = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached';

interface Servers {
  primaryUrl: string;
  followerUrl: string;
}

/**
 * Writes a row, waits until the follower has replayed up to a position of the primary and looks for the row there. The
 * position is taken just before COMMIT or just after it. Resolves with how many rows were missing.
 */
export async function missingRows(servers: Servers, pairs: number, taken: 'before' | 'after'): Promise<number> {
  await withClient(servers.primaryUrl, async (primary) => {
    await primary.query('CREATE TABLE IF NOT EXISTS by_hand (id bigserial PRIMARY KEY)');
    const { rows } = await primary.query(POSITION);
    await withClient(servers.followerUrl, (follower) => untilReached(follower, rows[0].lsn));
  });
  const share = Math.ceil(pairs / WRITERS);
  const missing = await Promise.all(Array.from({ length: WRITERS }, () => missingOfOne(servers, share, taken)));
  return missing.reduce((sum, one) => sum + one, 0);
}

function missingOfOne({ primaryUrl, followerUrl }: Servers, pairs: number, taken: 'before' | 'after'): Promise<number> {
  return withClient(primaryUrl, (primary) =>
    withClient(followerUrl, async (follower) => {
      let missing = 0;
      for (let pair = 0; pair < pairs; pair += 1) {
        await primary.query('BEGIN');
        const { id } = (await primary.query('INSERT INTO by_hand DEFAULT VALUES RETURNING id')).rows[0];
        const before = (await primary.query(POSITION)).rows[0].lsn;
        await primary.query('COMMIT');
        const lsn = taken === 'before' ? before : (await primary.query(POSITION)).rows[0].lsn;
        await untilReached(follower, lsn);
        const { rowCount } = await follower.query({
          name: 'find',
          text: 'SELECT 1 FROM by_hand WHERE id = $1',
          values: [id],
        });
        if (rowCount === 0) missing += 1;
      }
      return missing;
    }),
  );
}

/**
 * Begins a new segment on an idle primary and says whether the follower reaches the primary's position, as the server
 * tells it, within the limit.
 */
export async function isRawPositionReached({ primaryUrl, followerUrl }: Servers, limitMs: number) {
  return withClient(primaryUrl, (primary) =>
    withClient(followerUrl, async (follower) => {
      await primary.query('SELECT pg_switch_wal()');
      const { lsn } = (await primary.query(POSITION)).rows[0] as { lsn: string };
      const isReached = await untilReached(follower, lsn, limitMs).then(
        () => true,
        () => false,
      );
      return { lsn, isReached };
    }),
  );
}

async function untilReached(follower: pg.Client, lsn: string, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    const { rows } = await follower.query({ name: 'reached', text: REACHED, values: [lsn] });
    if (rows[0].reached) return;
    if (limitMs < 20_000) await sleep(10);
  }
  throw new Error(`The follower did not reach ${lsn}`);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
