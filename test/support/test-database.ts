import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';

/** A database of one test file's own on the shared primary and follower. */
export interface TestDatabase {
  name: string;
  primaryUrl: string;
  followerUrl: string;
  /** Deletes it on both, ending the connections to it. */
  drop(): Promise<void>;
}

const FOLLOWER_LIMIT_MS = 15_000;

/** Makes an empty database and resolves once it can be connected to on the follower too. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const [shared, sharedFollower] = [inject('primaryUrl'), inject('followerUrl')];
  await runStatement(shared, `CREATE DATABASE ${name}`);
  const followerUrl = withDatabase(sharedFollower, name);
  await untilConnectable(followerUrl);
  return {
    name,
    primaryUrl: withDatabase(shared, name),
    followerUrl,
    drop: async () => {
      await runStatement(shared, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Resolves once everything committed on the primary before the call is visible on the follower. */
export async function untilFollowerCaughtUp(database: Pick<TestDatabase, 'primaryUrl' | 'followerUrl'>): Promise<void> {
  const [{ lsn }] = await runStatement<{ lsn: string }>(
    database.primaryUrl,
    'SELECT pg_current_wal_flush_lsn() AS lsn',
  );
  const deadline = performance.now() + FOLLOWER_LIMIT_MS;
  await withClient(database.followerUrl, async (client) => {
    for (;;) {
      const { rows } = await client.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached', [lsn]);
      if (rows[0].reached) return;
      if (performance.now() > deadline) throw new Error(`The follower did not reach ${lsn} in time.`);
      await sleep(5);
    }
  });
}

async function untilConnectable(url: string): Promise<void> {
  const deadline = performance.now() + FOLLOWER_LIMIT_MS;
  for (;;) {
    try {
      return await withClient(url, async () => undefined);
    } catch (error) {
      // 3D000: the follower has not replayed CREATE DATABASE yet.
      if ((error as { code?: string }).code !== '3D000' || performance.now() > deadline) throw error;
      await sleep(10);
    }
  }
}

async function runStatement<Row>(url: string, statement: string): Promise<[Row]> {
  return withClient(url, async (client) => (await client.query(statement)).rows as [Row]);
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

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
