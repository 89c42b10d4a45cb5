import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { rowsOf } from '../../../../test/migrations/go-database.js';
import {
  createTestDatabase,
  type TestDatabase,
  untilFollowerCaughtUp,
} from '../../../../test/support/test-database.js';
import { parseLsn } from '../positions/lsn.js';
import { connectionSettings } from './connection-settings.js';
import { isConnectionFailure } from './database-errors.js';
import { assertFollowerOf, FollowerBehindItselfError, FollowerPool, NotTheFollowerError } from './follower-pool.js';
import { FOLLOWER_POSITION, PRIMARY_POSITION } from './position.sql.js';
import { isCheckoutTimeout, ServerPool, type ServerPoolOptions } from './server-pool.js';
import type { ServerIdentity } from './server-probe.js';
import type { SqlSession } from './statement.js';

const BACKEND = 'SELECT pg_backend_pid() AS pid';

let database: TestDatabase;
let identity: ServerIdentity;
const pools: ServerPool[] = [];
const checkouts = {
  waits: 0,
  timeouts: 0,
  waited: () => void checkouts.waits++,
  timedOut: () => void checkouts.timeouts++,
};

function options(url: string, isFollower: boolean, differences: Partial<ServerPoolOptions> = {}): ServerPoolOptions {
  const session = { applicationName: 'test', connectTimeoutMs: 500, statementTimeoutMs: 15_000, readOnly: isFollower };
  const position = isFollower ? FOLLOWER_POSITION : PRIMARY_POSITION;
  return { ...connectionSettings(url, session), max: 3, pipeline: true, position, checkouts, ...differences };
}

function primaryPool(differences: Partial<ServerPoolOptions> = {}): ServerPool {
  const pool = new ServerPool('primary', options(database.primaryUrl, false, differences));
  pools.push(pool);
  return pool;
}

function followerPool(url: string, primary: () => ServerIdentity | undefined = () => identity): FollowerPool {
  const verifyServer = (session: SqlSession) => assertFollowerOf(session, primary(), () => pool.replayed);
  const own = options(url, true, { verifyServer, connectionTimeoutMillis: 5_000 });
  const pool: FollowerPool = new FollowerPool('follower-1', url, new ServerPool('follower-1-streams', own), own);
  pools.push(pool, pool.streams);
  return pool;
}

/** The same pool, of which every connection is a new one. */
function openedAnew(pool: FollowerPool): FollowerPool {
  pool.destroySockets();
  return pool;
}

const pidOf = async (pool: ServerPool): Promise<number | undefined> =>
  (await pool.query<{ pid: number }>(BACKEND))[0]?.pid;
const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  await rowsOf(database.primaryUrl, 'CREATE TABLE things (name text PRIMARY KEY)');
  const [system] = await primaryPool().query<ServerIdentity>(
    `SELECT system_identifier::text AS "systemId", timeline_id AS timeline
     FROM pg_control_system(), pg_control_checkpoint()`,
  );
  identity = system as ServerIdentity;
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});
afterAll(async () => {
  await database?.drop();
});

describe('a statement and its position', () => {
  test("is at or beyond the statement's own commit", async () => {
    const pool = primaryPool();
    for (let round = 0; round < 20; round += 1) {
      const { rows, position } = await pool.queryAt<{ during: string }>(
        'INSERT INTO things VALUES ($1) RETURNING pg_current_wal_insert_lsn()::text AS during',
        [`position ${round}`],
      );
      // The commit's own record comes after what the statement could see of the log.
      expect(parseLsn(position ?? '0/0')).toBeGreaterThan(parseLsn(rows[0]?.during ?? '0/0'));
    }
  });

  test('is enough for a follower to show the row once it has replayed up to there', async () => {
    const [pool, follower] = [primaryPool(), followerPool(database.followerUrl)];
    for (let round = 0; round < 50; round += 1) {
      const name = `seen ${round}`;
      const { position } = await pool.queryAt('INSERT INTO things VALUES ($1)', [name]);
      const written = parseLsn(position ?? '');
      while (parseLsn((await follower.position()) ?? '0/0') < written) await sleep(1);
      expect(await follower.query('SELECT FROM things WHERE name = $1', [name])).toHaveLength(1);
    }
  });

  test('of a follower is how far it has replayed', async () => {
    await untilFollowerCaughtUp(database);
    const { rows, position } = await followerPool(database.followerUrl).queryAt<{ replayed: string }>(
      'SELECT pg_last_wal_replay_lsn()::text AS replayed',
    );
    expect(parseLsn(position ?? '0/0')).toBeGreaterThanOrEqual(parseLsn(rows[0]?.replayed ?? ''));
  });

  test('come by one connection each, however many are asked at once', async () => {
    const pool = primaryPool();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => pool.queryAt<{ n: number }>('SELECT $1::int AS n', [n])),
    );
    expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(answers.every(({ position }) => /^[\dA-F]+\/[\dA-F]+$/.test(position ?? ''))).toBe(true);
    expect(pool.usage).toEqual({ max: 3, used: 0, idle: 3, waiting: 0 });
  });
});

describe('a statement that fails', () => {
  test('leaves its connection as good as before, and its own error is the one that is told', async () => {
    const pool = primaryPool({ max: 1 });
    const before = await pidOf(pool);
    for (const [text, code] of [
      ['SELECT 1 / 0', '22012'],
      ['SELECT * FROM nowhere', '42P01'],
      ['INSERT INTO things VALUES (NULL)', '23502'],
    ]) {
      await expect(pool.queryAt(text ?? '')).rejects.toMatchObject({ code });
      await expect(pool.query(text ?? '')).rejects.toMatchObject({ code });
    }
    expect(await pidOf(pool)).toBe(before);
  });

  test('with its whole connection is followed by a new one', async () => {
    const pool = primaryPool({ max: 1 });
    const before = await pidOf(pool);
    const ended = await failureOf(pool.queryAt('SELECT pg_terminate_backend(pg_backend_pid())'));
    expect(ended).toMatchObject({ severity: 'FATAL', code: '57P01' });
    expect(isConnectionFailure(ended)).toBe(true);
    const after = await pidOf(pool);
    expect(after).toBeTypeOf('number');
    expect(after).not.toBe(before);
    expect(pool.usage).toMatchObject({ used: 0, idle: 1 });
  });

  test('on an idle connection that was cut meanwhile is none: the pool has noticed', async () => {
    const pool = primaryPool({ max: 1 });
    const pid = await pidOf(pool);
    await rowsOf(database.primaryUrl, `SELECT pg_terminate_backend(${pid}, 2000)`);
    await sleep(50);
    expect(await pidOf(pool)).not.toBe(pid);
  });
});

describe('a pool that may not grow', () => {
  test('opens no connection and shares those that there are', async () => {
    const pool = primaryPool();
    const before = await pidOf(pool);
    pool.allowGrowth(false);
    const pids = await Promise.all(Array.from({ length: 6 }, () => pidOf(pool)));
    expect(new Set(pids)).toEqual(new Set([before]));
    expect(pool.usage).toMatchObject({ max: 3, idle: 1 });
  });

  test('gives up in time where it has none at all, which is counted', async () => {
    const pool = primaryPool();
    pool.allowGrowth(false);
    const [waits, timeouts] = [checkouts.waits, checkouts.timeouts];
    const failure = await failureOf(pool.query('SELECT 1'));
    expect([isCheckoutTimeout(failure), isConnectionFailure(failure)]).toEqual([true, true]);
    expect([checkouts.waits - waits, checkouts.timeouts - timeouts]).toEqual([1, 1]);
  });

  test('grows to its old size once it may again', async () => {
    const pool = primaryPool();
    pool.allowGrowth(false);
    pool.allowGrowth(true);
    const pids = await Promise.all(
      Array.from({ length: 3 }, () => pool.query<{ pid: number }>(`${BACKEND}, pg_sleep(0.1)`)),
    );
    expect(new Set(pids.map(([row]) => row?.pid)).size).toBe(3);
  });
});

describe('destroying the sockets', () => {
  test('fails the statements under way at once, and later ones open new sockets', async () => {
    const pool = primaryPool();
    // Connected before, so that on a busy machine none is still connecting by then.
    await Promise.all(Array.from({ length: 3 }, () => pool.query('SELECT pg_sleep(0.1)')));
    const started = Array.from({ length: 3 }, () => failureOf(pool.queryAt('SELECT pg_sleep(10)')));
    await sleep(100);
    const begin = performance.now();
    pool.destroySockets();
    const failures = await Promise.all(started);
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(failures.map(isConnectionFailure)).toEqual([true, true, true]);
    expect(await pidOf(pool)).toBeTypeOf('number');
  });

  test('lets those who wait for a connection have a new one', async () => {
    const pool = primaryPool({ max: 1 });
    await pidOf(pool);
    const running = failureOf(pool.query('SELECT pg_sleep(10)'));
    const waiting = pidOf(pool);
    await sleep(100);
    pool.destroySockets();
    expect(isConnectionFailure(await running)).toBe(true);
    expect(await waiting).toBeTypeOf('number');
  });

  test('leaves no session behind on the server', async () => {
    const pool = primaryPool({ application_name: 'to be destroyed' });
    const sessions = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'to be destroyed'`;
    await Promise.all(Array.from({ length: 3 }, () => pool.query('SELECT pg_sleep(0.05)')));
    expect(await rowsOf(database.primaryUrl, sessions)).toHaveLength(3);
    pool.destroySockets();
    await sleep(200);
    expect(await rowsOf(database.primaryUrl, sessions)).toHaveLength(0);
    expect(pool.usage).toMatchObject({ used: 0, idle: 0 });
  });
});

describe('a snapshot', () => {
  const count = 'SELECT count(*)::int AS n FROM things';

  test('shows one moment, whatever is written meanwhile, and its position is beyond it', async () => {
    const pool = primaryPool();
    const before = parseLsn((await pool.position()) ?? '');
    const { result, position } = await pool.inSnapshot(async (session) => {
      const first = await session.query(count);
      await pool.query(`INSERT INTO things VALUES ('written meanwhile')`);
      return [first, await session.query(count)];
    });
    expect(result[0]).toEqual(result[1]);
    expect(parseLsn(position ?? '0/0')).toBeGreaterThan(before);
    expect(await pool.query(count)).not.toEqual(result[0]);
  });

  test('refuses writes and leaves nothing open', async () => {
    const pool = primaryPool({ max: 1 });
    const before = await pidOf(pool);
    const attempt = pool.inSnapshot((session) => session.query(`INSERT INTO things VALUES ('in a snapshot')`));
    await expect(attempt).rejects.toMatchObject({ code: '25006' });
    expect(await pool.query('SELECT now() = statement_timestamp() AS "isAlone"')).toEqual([{ isAlone: true }]);
    await pool.query(`INSERT INTO things VALUES ('after a snapshot')`);
    expect(await pidOf(pool)).toBe(before);
  });

  test('of a follower holds its replay position', async () => {
    await untilFollowerCaughtUp(database);
    const { result, position } = await followerPool(database.followerUrl).inSnapshot((session) => session.query(count));
    expect(result).toEqual(await primaryPool().query(count));
    expect(position).not.toBeNull();
  });
});

describe("a follower's pool", () => {
  const asking = (pool: FollowerPool) => [
    failureOf(pool.query('SELECT 1')),
    failureOf(pool.queryAt('SELECT 1')),
    failureOf(pool.inSnapshot((session) => session.query('SELECT 1'))),
    failureOf(pool.streams.query('SELECT 1')),
    failureOf(pool.position()),
  ];
  const isStranger = (error: unknown): boolean => (error as Error).cause instanceof NotTheFollowerError;

  test('reads its follower', async () => {
    expect(await followerPool(database.followerUrl).query('SELECT pg_is_in_recovery() AS follows')).toEqual([
      { follows: true },
    ]);
  });

  test.each<[string, () => [string, ServerIdentity | undefined]]>([
    ['the primary itself', () => [database.primaryUrl, identity]],
    ['a follower of another system', () => [database.followerUrl, { ...identity, systemId: '7400000000000000001' }]],
    ['a follower of nobody knows whom', () => [database.followerUrl, undefined]],
  ])('never reads %s, by whatever way', async (_case, of) => {
    const [url, primary] = of();
    const failures = await Promise.all(asking(followerPool(url, () => primary)));
    expect(failures.map(isStranger)).toEqual(failures.map(() => true));
  });

  test('does not open to one that is behind where it was seen before, as after a crash', async () => {
    await untilFollowerCaughtUp(database);
    const pool = followerPool(database.followerUrl);
    pool.replayed = parseLsn((await pool.position()) ?? '');
    expect(await failureOf(openedAnew(pool).query('SELECT 1'))).toBeUndefined();
    pool.replayed += 1_000_000_000n;
    const failures = await Promise.all(asking(openedAnew(pool)));
    expect(failures.map((error) => (error as Error).cause instanceof FollowerBehindItselfError)).toEqual(
      failures.map(() => true),
    );
  });

  test('hears with each answer that its server was promoted', async () => {
    // Nobody verifies the connection here, as if it had been opened before the promotion.
    const own = options(inject('primaryUrl'), true);
    const pool = new FollowerPool('follower-1', '', new ServerPool('follower-1-streams', own), own);
    pools.push(pool, pool.streams);
    await expect(pool.queryAt('SELECT 1')).rejects.toBeInstanceOf(NotTheFollowerError);
    await expect(pool.inSnapshot((session) => session.query('SELECT 1'))).rejects.toBeInstanceOf(NotTheFollowerError);
  });

  test('holds read-only sessions: a write fails there', async () => {
    const attempt = followerPool(database.followerUrl).queryAt(`INSERT INTO things VALUES ('on a follower')`);
    await expect(attempt).rejects.toMatchObject({ code: '25006', severity: 'ERROR' });
  });

  test('destroys the sockets of its streams along with its own', async () => {
    const pool = followerPool(database.followerUrl);
    await Promise.all([pidOf(pool), pidOf(pool.streams)]);
    const running = [pool, pool.streams].map((each) => failureOf(each.query('SELECT pg_sleep(10)')));
    await sleep(100);
    pool.destroySockets();
    expect((await Promise.all(running)).map(isConnectionFailure)).toEqual([true, true]);
  });
});
