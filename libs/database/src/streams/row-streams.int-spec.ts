import { text } from 'node:stream/consumers';
import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../test/migrations/go-database.js';
import { eventually } from '../../../../test/support/eventually.js';
import { type TestDatabase, untilFollowerCaughtUp } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import type { FollowerSupervisor } from '../routing/follower-supervisor.js';
import { Followers } from '../routing/followers.service.js';
import { demandOfReads, requestReads } from '../routing/request-reads.js';
import { RowStreams } from './row-streams.service.js';

const MANY = `SELECT repeat('x', 1000) FROM generate_series(1, 20000)`;
const NAMES = 'SELECT text FROM notes ORDER BY text';
const STREAMS = 2;

let database: TestDatabase;
let context: INestApplicationContext;
let streams: RowStreams;
let follower: FollowerSupervisor;

beforeAll(async () => {
  database = await createJobDatabase();
  await rowsOf(database.primaryUrl, 'CREATE TABLE notes (text text)');
  await rowsOf(database.primaryUrl, `INSERT INTO notes VALUES ('a'), ('b')`);
  await untilFollowerCaughtUp(database);
  const sizes = { FOLLOWER_POOL_MAX: '1', STREAM_POOL_MAX: String(STREAMS) };
  context = await openLibraries(database, [], { ANALYTICS_DB_URL: database.followerUrl, ...sizes });
  streams = context.get(RowStreams);
  follower = context.get(Followers).all[0] as FollowerSupervisor;
});
beforeEach(() =>
  eventually(() => expect(follower).toMatchObject({ state: 'healthy', containsUntil: expect.any(Number) })),
);
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

/** Opens a stream as one request with this preference. */
function open(query: string, preference?: string) {
  return runInContext({ requestId: 'test' }, async () => {
    demandOfReads(undefined, preference);
    const rows = await streams.open(query, 'text');
    return { rows, served: requestReads()?.served, token: requestReads()?.answerToken };
  });
}

const untilAllAreBack = () => eventually(() => expect(follower.pool.streams.usage.used).toBe(0), 3_000);

describe('a stream of rows', () => {
  test('comes from the primary, with a position that holds what it shows', async () => {
    const { rows, served, token } = await open(NAMES);
    expect(served).toMatchObject({ target: 'primary', reason: 'preference' });
    expect(token).toMatch(/^v1\./);
    expect(await text(rows)).toBe('a\nb\n');
  });

  test.each(['follower-preferred', 'follower-only'])('comes from the follower for who says %s', async (preference) => {
    const { rows, served, token } = await open(NAMES, preference);
    expect(served).toMatchObject({ target: 'follower', reason: 'ok' });
    expect(token).toMatch(/^v1\./);
    expect(await text(rows)).toBe('a\nb\n');
  });

  test('writes nothing, wherever it comes from', async () => {
    for (const preference of ['primary', 'follower-preferred', 'follower-only']) {
      const write = `WITH written AS (INSERT INTO notes VALUES ('c') RETURNING text) SELECT text FROM written`;
      const failure = await open(write, preference).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
    }
    expect(await rowsOf(database.primaryUrl, 'SELECT FROM notes')).toHaveLength(2);
  });

  test('that fails at once is an error with the code of its statement', async () => {
    for (const preference of ['primary', 'follower-preferred']) {
      await expect(open('SELECT 1 / 0', preference)).rejects.toMatchObject({ code: '22012' });
    }
    await untilAllAreBack();
  });

  test('that is given up in the middle gives its connection back', async () => {
    for (let round = 0; round < 3 * STREAMS; round += 1) {
      const { rows } = await open(MANY, 'follower-only');
      rows.destroy();
    }
    await untilAllAreBack();
  });
});

describe('a stream from a follower that can’t say where it is', () => {
  /** All connections for statements are taken for so long. */
  const occupied = (seconds: number) => follower.pool.query(`SELECT pg_sleep(${seconds})`);

  test('comes from the primary, and what had begun on the follower is given up', async () => {
    for (let round = 0; round < STREAMS + 1; round += 1) {
      const busy = occupied(1);
      const { rows, served } = await open(MANY, 'follower-preferred');
      expect(served).toMatchObject({ target: 'primary', reason: 'retry' });
      expect(await text(rows)).toHaveLength(20_000 * 1_001);
      await busy;
    }
    await untilAllAreBack();
  });

  test('is refused to who wants no other server', async () => {
    const busy = occupied(1);
    await expect(open(MANY, 'follower-only')).rejects.toMatchObject({ code: 'follower_unavailable' });
    await busy;
    await untilAllAreBack();
  });
});
