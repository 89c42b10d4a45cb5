import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.js';
import { type TestDatabase, untilFollowerCaughtUp } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { Followers } from './followers.service.js';
import type { ReadOptions } from './read-options.js';
import { ReadRouter } from './read-router.service.js';
import { requestReads } from './request-reads.js';

const PREFERRED: ReadOptions = { preference: 'follower-preferred' };
/** No follower's answer is that new. */
const ON_THE_FALLBACK: ReadOptions = { ...PREFERRED, maxStalenessMs: 0 };

let database: TestDatabase;
let context: INestApplicationContext;
let router: ReadRouter;
beforeAll(async () => {
  database = await createJobDatabase();
  await untilFollowerCaughtUp(database);
  context = await openLibraries(database, [], {
    ANALYTICS_DB_URL: `${database.followerUrl},${database.followerUrl}`,
    FALLBACK_POOL_MAX: '1',
    FALLBACK_QUEUE_MAX: '1',
  });
  router = context.get(ReadRouter);
  await eventually(() => {
    for (const { state } of context.get(Followers).all) expect(state).toBe('healthy');
  });
});
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

/** Does something while the fallback's one connection and the one place in its queue are taken. */
async function whileFallbackIsFull<T>(act: () => Promise<T>): Promise<T> {
  const sleeping = [1, 2].map((nth) =>
    router.read(ON_THE_FALLBACK, (session) => session.query(`SELECT pg_sleep(1.2), ${nth} AS nth`)),
  );
  const over = Promise.all(sleeping);
  over.catch(() => undefined);
  const { fallback } = context.get(DatabasePools);
  await eventually(() => expect(fallback.usage).toMatchObject({ used: 1, waiting: 1 }));
  const result = await act();
  await over;
  return result;
}

/** A read that loses its connection the first times, the refused one on the primary among them, and then says where it is. */
function losing(times: number) {
  let runs = 0;
  return runInContext({ requestId: 'test' }, async () => {
    const rows = await router.read(PREFERRED, (session) => {
      runs += 1;
      return session.query<object>(
        runs <= times ? 'SELECT pg_terminate_backend(pg_backend_pid())' : 'SELECT pg_is_in_recovery() AS "isFollower"',
      );
    });
    return { rows, runs, served: requestReads()?.served };
  });
}

test('a read that one follower has failed and the primary has no room for is answered by another follower', async () => {
  const { rows, runs, served } = await whileFallbackIsFull(() => losing(1));
  expect(rows).toEqual([{ isFollower: true }]);
  expect([runs, served?.target, served?.reason]).toEqual([3, 'follower', 'ok']);
});

test('a read that every follower has failed is refused where the primary has no room', async () => {
  await whileFallbackIsFull(() => expect(losing(3)).rejects.toMatchObject({ code: 'analytics_shed' }));
});
