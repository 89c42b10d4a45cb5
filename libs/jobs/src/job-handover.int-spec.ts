import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { JobHandover } from './job-handover.service.js';
import { JobRuns } from './job-runs.service.js';
import { JobsService } from './jobs.service.js';
import { Queues } from './queues/queues.service.js';

describe('handing jobs over to the queue', () => {
  let database: TestDatabase;
  let contexts: INestApplicationContext[];
  let primary: PrimaryDatabase;
  let handover: JobHandover;
  let jobs: JobsService;
  let runs: JobRuns;

  beforeAll(async () => {
    database = await createJobDatabase();
    contexts = [await openLibraries(database), await openLibraries(database)];
    const [context] = contexts as [INestApplicationContext];
    [primary, handover] = [context.get(PrimaryDatabase), context.get(JobHandover)];
    [jobs, runs] = [context.get(JobsService), context.get(JobRuns)];
    await primary.query(`INSERT INTO organizations (name, created_at)
      VALUES ('A', '2026-01-01 10:00Z'), ('B', '2026-01-02 00:00Z'), ('C', '2026-01-01 23:59:59.999999Z')`);
  });
  beforeEach(() => primary.query('TRUNCATE jobs, queue.job CASCADE'));
  afterAll(async () => {
    for (const context of contexts ?? []) await context.close();
    await database?.drop();
  });

  const queued = async (): Promise<string[]> =>
    (await primary.query<{ id: string }>('SELECT id FROM queue.job ORDER BY id')).map(({ id }) => id);
  const plant = async (count: number): Promise<string[]> => {
    const rows = await primary.query<{ id: string }>(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
       SELECT 1, 'aggregate', 'default', 3, '{}' FROM generate_series(1, $1) RETURNING id`,
      [count],
    );
    return rows.map(({ id }) => id).sort();
  };
  const age = (ids: string[]) =>
    primary.query(`UPDATE jobs SET dispatched_at = now() - interval '1 minute' WHERE id = ANY($1)`, [ids]);

  test('a job is in the queue under its own id when its request is answered', async () => {
    const { id } = await jobs.request(1, 'aggregate', { date: '2026-01-01' });

    expect(await queued()).toEqual([id]);
    expect(await handover.handOverWaiting()).toBe(false);
    expect(await queued()).toEqual([id]);
  });

  test('what waits is handed over in batches, once, by two workers at the same time', async () => {
    const planted = await plant(230);
    const both = contexts.map((context) => context.get(JobHandover));

    while ((await Promise.all(both.map((one) => one.handOverWaiting()))).includes(true));

    expect(await queued()).toEqual(planted);
    expect(await primary.query('SELECT FROM jobs WHERE dispatched_at IS NULL')).toHaveLength(0);
  });

  test('a request takes a second at most while the queue hangs', async () => {
    const context = contexts[1] as INestApplicationContext;
    const release = await lock(context, 'queue.job');
    const begun = performance.now();

    const { id } = await context.get(JobsService).request(1, 'aggregate', { date: '2026-01-01' });
    const taken = performance.now() - begun;
    await release();

    expect(taken).toBeGreaterThan(900);
    expect(taken).toBeLessThan(2_000);
    expect((await jobs.get(1, id)).state).toBe('waiting');
  });

  test('an unfinished job that the queue forgot, or holds as ended, is put in again', async () => {
    const [lost = '', ended = '', finished = '', recent = ''] = await plant(4);
    await handover.handOverWaiting();
    await primary.query(`DELETE FROM queue.job WHERE id = ANY($1)`, [[lost, finished, recent]]);
    await primary.query(`UPDATE queue.job SET state = 'failed' WHERE id = $1`, [ended]);
    await primary.query(`UPDATE jobs SET state = 'completed' WHERE id = $1`, [finished]);
    await age([lost, ended, finished]);

    await handover.restoreLost();

    const rows = await primary.query<{ id: string; state: string }>('SELECT id, state FROM queue.job ORDER BY id');
    expect(rows).toEqual([lost, ended].sort().map((id) => ({ id, state: 'waiting' })));
  });

  test.each(['active', 'delayed'])(
    'a job that began before its handover was noted is put in again while %s',
    async (state) => {
      const { id } = await jobs.request(1, 'aggregate', { date: '2026-01-01' });
      // As when the process ends between telling the queue and the note of it.
      await primary.query('UPDATE jobs SET dispatched_at = NULL');
      const attempt = { id, attempt: (await runs.start(id))?.attempts ?? 0 };
      if (state === 'delayed') await runs.fail(attempt, { code: 'job_failed', message: 'It failed' }, true);
      await primary.query('DELETE FROM queue.job');
      await primary.query(`UPDATE jobs SET dispatched_at = dispatched_at - interval '1 minute'`);

      await handover.restoreLost();

      expect(await primary.query('SELECT state FROM jobs')).toEqual([{ state }]);
      expect(await queued()).toEqual([id]);
    },
  );

  test('a job started again goes over although its failed entry is still in the queue', async () => {
    const [id = ''] = await plant(1);
    await handover.handOverWaiting();
    await primary.query(`UPDATE queue.job SET state = 'failed'`);
    await primary.query(`UPDATE jobs SET state = 'failed', attempts = 3`);

    await jobs.retry(1, id);

    expect(await primary.query('SELECT state FROM queue.job')).toEqual([{ state: 'waiting' }]);
  });

  test('an occasion makes one job for each organization of the time, however many ask at once', async () => {
    const ask = () =>
      jobs.requestOnceForEachOrganization('daily', 'aggregate', { date: '2026-01-01' }, '2026-01-02T00:00:00Z');

    const counts = await Promise.all([ask(), ask(), ask()]);

    expect(counts.reduce((sum, count) => sum + count)).toBe(2);
    expect(await primary.query('SELECT payload FROM jobs ORDER BY organization_id')).toEqual(
      [1, 3].map((organization_id) => ({ payload: { organization_id, date: '2026-01-01' } })),
    );
  });

  test('the depths of the queues are told by state', async () => {
    await plant(2);
    await handover.handOverWaiting();

    const depths = await (contexts[0] as INestApplicationContext).get(Queues).depths(1_000);

    expect(depths.default).toMatchObject({ waiting: 2, active: 0 });
    expect(Object.keys(depths)).toEqual(['critical', 'default', 'low']);
  });

  test('while the queue is away a request still succeeds, and the job goes over when it is back', async () => {
    await primary.query('ALTER TABLE queue.job RENAME TO job_away');
    const { id } = await jobs.request(1, 'aggregate', { date: '2026-01-01' });
    await expect(handover.handOverWaiting()).rejects.toThrow('not available');
    await primary.query('ALTER TABLE queue.job_away RENAME TO job');

    await handover.handOverWaiting();

    expect(await queued()).toEqual([id]);
  });
});

/** Keeps everybody else from the table until the returned function is called. */
async function lock(context: INestApplicationContext, table: string): Promise<() => Promise<void>> {
  const { TransactionRunner } = await import('@app/database');
  let release: () => void = () => undefined;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  let whenLocked: () => void = () => undefined;
  const isLocked = new Promise<void>((resolve) => {
    whenLocked = resolve;
  });
  const transaction = context.get(TransactionRunner).run(async () => {
    await context.get(PrimaryDatabase).query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    whenLocked();
    await isReleased;
  });
  await isLocked;
  return async () => {
    release();
    await transaction;
  };
}
