import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitForHttp } from '../support/processes.js';
import { BACKENDS } from './support/backends.js';
import type { JobClient } from './support/job-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

describe.each(BACKENDS)('workers that are killed, stopped or many, with the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;
  let worker: RunningWorker;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    await stack.countEffects();
    client = await stack.register('tester');
  });
  beforeEach(async () => {
    worker = await stack.startWorker();
  });
  afterEach(() => worker.process.stop());
  afterAll(() => stack?.stop());

  test('a job whose worker is killed in the middle of it is done once by another within 15 s', async () => {
    const date = '2026-05-01';
    const release = await stack.holdAggregates();
    const { id } = await client.requestAggregate(date);
    await client.untilJob(id, 'active');

    worker.process.child.kill('SIGKILL');
    await worker.process.exited();
    const killedAt = performance.now();
    await release();
    worker = await stack.startWorker();

    const job = await client.untilJob(id, 'completed', 15_000 - (performance.now() - killedAt));
    expect(job).toMatchObject({ attempts: 2, max_attempts: 4, error: null });
    await sleep(500);
    expect(await stack.effects(date)).toBe(1);
  });

  test('a stopping worker says so first, ends its job and leaves with 0', async () => {
    const date = '2026-05-02';
    const release = await stack.holdAggregates();
    const { id } = await client.requestAggregate(date);
    await client.untilJob(id, 'active');

    worker.process.child.kill('SIGTERM');
    const refusal = await waitForHttp(`${worker.url}/health/ready`, 503);
    expect(await refusal.json()).toMatchObject({ code: 'not_ready' });
    expect((await fetch(`${worker.url}/health/live`)).status).toBe(200);
    const late = await client.requestAggregate('2026-05-03');
    await release();

    expect(await worker.process.exited()).toBe(0);
    expect(await client.job(id)).toMatchObject({ state: 'completed', attempts: 1 });
    expect(await stack.effects(date)).toBe(1);
    expect((await client.job(late.id)).state).toBe('waiting');
    worker = await stack.startWorker();
    await client.untilJob(late.id, 'completed');
  });

  test('two workers share the jobs and each is done once', async () => {
    const second = await stack.startWorker();
    const dates = Array.from({ length: 24 }, (_, n) => `2025-06-${String(n + 1).padStart(2, '0')}`);

    const jobs = await Promise.all(dates.map((date) => client.requestAggregate(date)));

    for (const { id } of jobs) expect(await client.untilJob(id, 'completed')).toMatchObject({ attempts: 1 });
    for (const date of dates) expect(await stack.effects(date)).toBe(1);
    await second.process.stop();
  });

  test('a job asked for while the queue is away is accepted at once and done when it is back', async () => {
    const jobs = await whileQueueIsAway(stack, async () => {
      const askedAt = performance.now();
      const asked = [await client.requestAggregate('2026-05-04'), await client.requestAggregate('2026-05-05')];
      expect(performance.now() - askedAt).toBeLessThan(4_000);
      const ready = await waitForHttp(`${worker.url}/health/ready`);
      expect(await ready.json()).toMatchObject({ details: { queue: { status: 'degraded' } } });
      expect((await client.call('GET', '/api/jobs')).status).toBe(200);
      return asked;
    });

    for (const { id } of jobs) await client.untilJob(id, 'completed', 20_000);
    expect(await stack.effects('2026-05-04')).toBe(1);
    expect(await (await waitForHttp(`${worker.url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
  });

  test('a worker may start and stop while the queue is away', async () => {
    await worker.process.stop();
    const { id } = await whileQueueIsAway(stack, async () => {
      const asked = await client.requestAggregate('2026-05-07');
      const leaving = await stack.startWorker();
      worker = await stack.startWorker();
      leaving.process.child.kill('SIGTERM');
      expect(await leaving.process.exited()).toBe(0);
      return asked;
    });

    await client.untilJob(id, 'completed', 20_000);
    expect(await stack.effects('2026-05-07')).toBe(1);
  });

  test('1,500 jobs that the queue has forgotten are put in again and done within 45 s', async () => {
    const { sql } = stack;
    expect(await worker.process.stop()).toBe(0);
    await stack.plantAggregates(await stack.organizationOf(client), { critical: 1_500 });
    // As after they were handed over to a queue that has forgotten them since.
    await sql.query(`UPDATE jobs SET dispatched_at = now() - interval '1 minute' WHERE state = 'waiting'`);
    const begun = performance.now();

    worker = await stack.startWorker();

    await stack.untilAllEnded(45_000 - (performance.now() - begun));
    expect((await sql.query(`SELECT FROM jobs WHERE state <> 'completed'`)).rows).toEqual([]);
  });

  if (backend === 'redis') {
    test('a Redis that hangs delays nobody, and its jobs are done when it goes on', async () => {
      stack.redis?.pause();
      const begun = performance.now();
      const { id } = await client.requestAggregate('2026-05-08');
      expect(performance.now() - begun).toBeLessThan(3_000);
      stack.redis?.resume();

      await client.untilJob(id, 'completed', 20_000);
      expect(await stack.effects('2026-05-08')).toBe(1);
    });

    test('a job that a killed Redis has forgotten is put in again', async () => {
      expect(await worker.process.stop()).toBe(0);
      const { id } = await client.requestAggregate('2026-05-06');
      await stack.redis?.kill();
      await stack.redis?.start();

      worker = await stack.startWorker();

      await client.untilJob(id, 'completed', 40_000);
      expect(await stack.effects('2026-05-06')).toBe(1);
    });
  }

  test('a worker whose parent is killed ends by itself', async () => {
    const { parent, url } = await stack.startWorkerOfParent();

    parent.child.kill('SIGKILL');

    await waitUntilGone(url);
    // The parent's output closes when the last process that holds it, the worker, has ended.
    expect(await parent.exited()).toBe('SIGKILL');
  });
});

async function waitUntilGone(url: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const isGone = await fetch(`${url}/health/live`).then(
      () => false,
      () => true,
    );
    if (isGone) return;
    await sleep(50);
  }
  throw new Error('The worker still answers');
}

/** Kills Redis, or hides the queue's tables, for as long as `work` takes. */
async function whileQueueIsAway<T>({ redis, sql }: JobStack, work: () => Promise<T>): Promise<T> {
  if (redis) await redis.kill();
  else await sql.query('ALTER SCHEMA queue RENAME TO queue_away');
  try {
    return await work();
  } finally {
    if (redis) await redis.start();
    else await sql.query('ALTER SCHEMA queue_away RENAME TO queue');
  }
}
