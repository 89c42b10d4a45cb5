import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { BACKENDS } from './support/backends.js';
import type { JobAnswer, JobClient } from './support/job-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

const EACH = 200;

interface QueuesAnswer {
  queues: { name: string; weight: number; waiting: number; active: number; failed: number; started_share: number }[];
  slots: { total: number; busy: number };
  backend: string;
}

describe.each(BACKENDS)('slots shared by the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;
  let organizationId: number;
  let worker: RunningWorker;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    client = await stack.register('operator');
    organizationId = await stack.organizationOf(client);
    await stack.sql.query('UPDATE users SET is_operator = true');
    await client.signIn();
  });
  beforeEach(async () => {
    await stack.sql.query('TRUNCATE jobs, job_workers CASCADE');
    worker = await stack.startWorker();
  });
  afterEach(() => worker.process.stop());
  afterAll(() => stack?.stop());

  const queues = async (): Promise<QueuesAnswer> => (await client.call<QueuesAnswer>('GET', '/api/queues')).body;
  const active = async (): Promise<number> => {
    const { rows } = await stack.sql.query(`SELECT count(*)::int AS count FROM jobs WHERE state = 'active'`);
    return rows[0].count;
  };
  const untilHandedOver = () =>
    eventually(async () => {
      const { rows } = await stack.sql.query('SELECT FROM jobs WHERE dispatched_at IS NULL');
      expect(rows).toHaveLength(0);
    }, 20_000);

  test('jobs are started six to three to one while all queues have work', async () => {
    const release = await stack.holdAggregates();
    await stack.plantAggregates(organizationId, { critical: EACH, default: EACH, low: EACH });
    await untilHandedOver();
    const before = await active();
    await release();
    await stack.untilAllEnded();

    const { rows } = await stack.sql.query('SELECT queue, attempts FROM jobs ORDER BY started_at, id');
    expect(rows.every(({ attempts }) => attempts === 1)).toBe(true);
    const order = rows.map(({ queue }) => queue);
    // From when all had something until the first of them was empty.
    const counted = order.slice(before, order.lastIndexOf('critical') + 1);
    const share = (queue: string) => (100 * counted.filter((each) => each === queue).length) / counted.length;
    expect(Math.abs(share('critical') - 60)).toBeLessThan(3);
    expect(Math.abs(share('default') - 30)).toBeLessThan(3);
    expect(Math.abs(share('low') - 10)).toBeLessThan(3);
  });

  test('the least urgent queue alone has eight slots of ten, and the two others are there at once', async () => {
    const release = await stack.holdAggregates();
    try {
      await stack.plantAggregates(organizationId, { low: 30 });
      await eventually(async () => expect((await queues()).slots).toEqual({ total: 10, busy: 8 }), 20_000);
      expect(await active()).toBe(8);

      await stack.plantAggregates(organizationId, { critical: 1, default: 1 });
      await eventually(async () => expect((await queues()).slots).toEqual({ total: 10, busy: 10 }), 20_000);
      const { rows } = await stack.sql.query(
        `SELECT queue, count(*)::int AS count FROM jobs WHERE state = 'active' GROUP BY queue ORDER BY queue`,
      );
      expect(rows).toEqual([
        { queue: 'critical', count: 1 },
        { queue: 'default', count: 1 },
        { queue: 'low', count: 8 },
      ]);
    } finally {
      await release();
    }
    await stack.untilAllEnded();
  });

  test('operators see what waits, who is busy and what was started; nobody else does', async () => {
    await stack.plantAggregates(organizationId, { critical: 3, low: 1 });
    await stack.untilAllEnded();

    await eventually(async () => {
      const answer = await queues();
      expect(answer.backend).toBe(backend);
      expect(answer.slots).toEqual({ total: 10, busy: 0 });
      expect(answer.queues).toMatchObject([
        { name: 'critical', weight: 6, waiting: 0, completed: 3, started_share: 0.75 },
        { name: 'default', weight: 3, waiting: 0, completed: 0, started_share: 0 },
        { name: 'low', weight: 1, waiting: 0, completed: 1, started_share: 0.25 },
      ]);
    }, 10_000);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toContain('jobs_started_total{queue="critical",type="aggregate",app="worker"} 3');
    expect(metrics).toContain('worker_slots{app="worker"} 10');
    expect(metrics).toContain('worker_slots_busy{app="worker"} 0');
    const stranger = await stack.register(`stranger-${backend}`);
    expect((await stranger.call('GET', '/api/queues')).status).toBe(403);
  });

  test('a worker that was killed stops counting', async () => {
    await eventually(async () => expect((await queues()).slots.total).toBe(10), 10_000);
    worker.process.child.kill('SIGKILL');
    await worker.process.exited();
    await eventually(async () => expect((await queues()).slots).toEqual({ total: 0, busy: 0 }), 10_000);
  });

  test('one job that can never work ends on the dead list and harms no other', async () => {
    await stack.plantAggregates(organizationId, { critical: 30, default: 30, low: 30 });
    await stack.sql.query(
      `UPDATE jobs SET payload = payload || '{"date": "2026-02-30"}'
       WHERE id = (SELECT id FROM jobs WHERE queue = 'default' ORDER BY created_at LIMIT 1) AND state = 'waiting'`,
    );
    await stack.untilAllEnded();

    const dead = await client.call<{ jobs: JobAnswer[] }>('GET', '/api/jobs?state=failed&type=aggregate');
    expect(dead.body.jobs).toMatchObject([{ attempts: 3, error: { code: 'database_error' } }]);
    const done = await client.call<{ jobs: JobAnswer[] }>('GET', '/api/jobs?state=completed&limit=200');
    expect(done.body.jobs).toHaveLength(89);
    expect(done.body.jobs.every(({ attempts }) => attempts === 1)).toBe(true);
    expect((await client.call<{ jobs: JobAnswer[] }>('GET', '/api/jobs?type=purge')).body.jobs).toEqual([]);
    expect((await client.call('GET', '/api/jobs?state=dead')).status).toBe(400);
  });
});
