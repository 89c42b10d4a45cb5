import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { BACKENDS } from '../../../test/worker/support/backends.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { RedisServer } from '../../../test/worker/support/redis-server.js';
import { JobHandover } from './job-handover.service.js';
import { Queues } from './queues/queues.service.js';

const JOBS = 2_500;

describe.each(BACKENDS)('a queue on %s that has forgotten everything', (backend) => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let handover: JobHandover;

  beforeAll(async () => {
    database = await createJobDatabase();
    redis = backend === 'redis' ? await RedisServer.start() : undefined;
    context = await openLibraries(database, [], redis && { REDIS_URL: redis.url });
    [primary, handover] = [context.get(PrimaryDatabase), context.get(JobHandover)];
    await primary.query(`INSERT INTO organizations (name) VALUES ('A')`);
    await primary.query(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
       SELECT 1, 'aggregate', (ARRAY['critical', 'default', 'low'])[1 + i % 3], 3, '{}' FROM generate_series(1, $1) i`,
      [JOBS],
    );
    while (await handover.handOverWaiting());
  });
  afterAll(async () => {
    await context?.close();
    await redis?.remove();
    await database?.drop();
  });

  const waiting = async (): Promise<number> => {
    const { critical, default: normal, low } = await context.get(Queues).depths(2_000);
    return [critical, normal, low].reduce((sum, depth) => sum + (depth.waiting ?? 0), 0);
  };
  const wipe = async (): Promise<void> => {
    if (redis === undefined) return void (await primary.query('TRUNCATE queue.job CASCADE'));
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  };
  const age = () => primary.query(`UPDATE jobs SET dispatched_at = now() - interval '1 minute'`);
  const countSilent = async (): Promise<number | undefined> => {
    const text = `SELECT count(*)::int AS count FROM jobs WHERE dispatched_at < now() - interval '30 seconds'`;
    return (await primary.query<{ count: number }>(text))[0]?.count;
  };

  test('gets it back in a few batches without a pause in between', async () => {
    await wipe();
    await age();
    expect(await waiting()).toBe(0);

    const wantsToGoOn = [await handover.restoreLost(), await handover.restoreLost(), await handover.restoreLost()];

    expect(wantsToGoOn).toEqual([true, true, false]);
    expect(await waiting()).toBe(JOBS);
  });

  test('is not asked again at once while nothing is missing, however much waits', async () => {
    await age();

    expect(await handover.restoreLost()).toBe(false);

    expect(await countSilent()).toBe(JOBS - 1_000);
    expect(await waiting()).toBe(JOBS);
  });
});
