import { PrimaryDatabase } from '@app/database';
import { CONSUMER_OPTIONS, type ConsumerOptions, JobHandover, JobsModule, Queues } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.js';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { BACKENDS } from '../../../../test/worker/support/backends.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { RedisServer } from '../../../../test/worker/support/redis-server.js';
import { EntryHandler } from './entry-handler.service.js';
import { JOB_METRIC_PROVIDERS, JobMetrics } from './job.metrics.js';
import type { JobRun } from './job-processor.js';
import { JobProcessors } from './job-processors.service.js';
import { JobRunner } from './job-runner.service.js';
import { JobsInHand } from './jobs-in-hand.service.js';
import { QueueFetcher } from './queue-fetcher.js';
import { RecentStarts } from './recent-starts.service.js';

/** What the processor of the job at hand does. */
let work: (run: JobRun) => Promise<void>;

@Module({
  imports: [JobsModule],
  providers: [
    EntryHandler,
    JobMetrics,
    JobRunner,
    JobsInHand,
    RecentStarts,
    ...JOB_METRIC_PROVIDERS,
    {
      provide: JobProcessors,
      useValue: { process: (_type: string, _payload: unknown, run: JobRun) => work(run) },
    },
  ],
})
class ExecutionModule {}

let onDeath: () => void;

/** For the queue a worker that never comes back and renews no lock is one that was killed. */
function die(): Promise<void> {
  onDeath();
  return new Promise(() => undefined);
}

describe.each(BACKENDS)('a job whose worker dies again and again, with the queues on %s', (backend) => {
  let database: TestDatabase;
  let redis: RedisServer | undefined;
  let context: INestApplicationContext;
  let fetcher: QueueFetcher;

  beforeAll(async () => {
    database = await createJobDatabase();
    redis = backend === 'redis' ? await RedisServer.start() : undefined;
    context = await openLibraries(database, [ExecutionModule], redis && { REDIS_URL: redis.url });
    await context.get(PrimaryDatabase).query(`INSERT INTO organizations (name) VALUES ('A')`);
    const handler = context.get(EntryHandler);
    const options = {
      ...context.get<ConsumerOptions>(CONSUMER_OPTIONS, { strict: false }),
      lockDuration: 400,
      stalledInterval: 100,
    };
    const logger = context.get<Logger>(LOGGER);
    fetcher = new QueueFetcher('low', (entry) => handler.handle(entry), options, logger);
    // Without `begin` nobody renews the locks, so a death is noticed in a fraction of a second.
    await fetcher.startStalledCheckTimer();
  });
  afterAll(async () => {
    await fetcher?.close(true);
    await context?.close();
    await redis?.remove();
    await database?.drop();
  });

  const ask = async (): Promise<string> => {
    const [row] = await context.get(PrimaryDatabase).query<{ id: string }>(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
       VALUES (1, 'purge', 'low', 3, '{}') RETURNING id`,
    );
    await context.get(JobHandover).handOverWaiting();
    return row?.id ?? '';
  };
  const jobOf = async (id: string) =>
    (await context.get(PrimaryDatabase).query('SELECT state, attempts, error FROM jobs WHERE id = $1', [id]))[0];
  /** Resolves when an attempt has ended, one way or the other. */
  const runOnce = async (): Promise<void> => {
    const entry = await eventually(async () => {
      const found = await fetcher.fetch();
      if (found === undefined) throw new Error('No entry');
      return found;
    }, 10_000);
    const dead = new Promise<void>((resolve) => {
      onDeath = resolve;
    });
    await Promise.race([fetcher.work(entry), dead]);
  };
  const depths = async () => (await context.get(Queues).depths(2_000)).low;

  test('is done in the end when each attempt gets a step further', async () => {
    work = async (run) => {
      const done = (run.checkpoint as { done: number } | null)?.done ?? 0;
      if (done === 13) return run.complete(async () => ({ done }));
      await run.step(
        async () => undefined,
        () => ({ checkpoint: { done: done + 1 }, percent: 1 }),
      );
      return die();
    };
    const id = await ask();

    for (let attempt = 1; attempt <= 14; attempt += 1) await runOnce();

    await eventually(async () => expect(await jobOf(id)).toMatchObject({ state: 'completed', attempts: 14 }));
    await eventually(async () => expect(await depths()).toMatchObject({ active: 0, completed: 1, failed: 0 }));
  });

  test('has failed after eleven deaths in which it got nowhere', async () => {
    work = die;
    const id = await ask();

    for (let attempt = 1; attempt <= 11; attempt += 1) await runOnce();
    expect(await jobOf(id)).toMatchObject({ state: 'active', attempts: 11 });
    expect(await depths()).toMatchObject({ failed: 0 });
    await runOnce();

    await eventually(async () =>
      expect(await jobOf(id)).toMatchObject({ state: 'failed', attempts: 11, error: { code: 'worker_lost' } }),
    );
    await eventually(async () => expect(await depths()).toMatchObject({ waiting: 0, active: 0, failed: 1 }));
  });
});
