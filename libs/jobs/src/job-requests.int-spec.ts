import { PrimaryDatabase, TransactionRunner } from '@app/database';
import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { FinishedJobs } from './finished-jobs.service.js';
import { JobsService } from './jobs.service.js';

const PAYLOAD = { date: '2026-01-01' };

describe('requests for jobs', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let transactions: TransactionRunner;
  let jobs: JobsService;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database);
    [primary, transactions, jobs] = [
      context.get(PrimaryDatabase),
      context.get(TransactionRunner),
      context.get(JobsService),
    ];
    await primary.query(`INSERT INTO organizations (name) VALUES ('A'), ('B')`);
  });
  beforeEach(() => primary.query('TRUNCATE jobs, queue.job CASCADE'));
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const queued = async (): Promise<string[]> =>
    (await primary.query<{ id: string }>('SELECT id FROM queue.job')).map(({ id }) => id);
  const ask = (idempotencyKey: string, payload = PAYLOAD, organizationId = 1) =>
    jobs.request(organizationId, 'aggregate', payload, { idempotencyKey });

  test('inside a transaction are part of it, and the queue hears of them after the commit', async () => {
    const id = await transactions.run(async () => {
      const job = await jobs.request(1, 'aggregate', PAYLOAD);
      expect(await queued()).toEqual([]);
      return job.id;
    });
    expect(await queued()).toEqual([id]);
  });

  test('of a transaction that is rolled back never were', async () => {
    const failing = transactions.run(async () => {
      await jobs.request(1, 'aggregate', PAYLOAD);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await primary.query('SELECT FROM jobs')).toEqual([]);
    expect(await queued()).toEqual([]);
  });

  test('keep who made them', async () => {
    const actor = { type: 'user', id: '7', name: 'ann' } as const;
    const job = await runInContext({ requestId: 'r', actor }, () => jobs.request(1, 'aggregate', PAYLOAD));
    expect(job).toMatchObject({ requestId: 'r', requestedBy: actor });
  });

  test('with one key are one job in each organization', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => ask('k')));
    const elsewhere = await ask('k', PAYLOAD, 2);

    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(made.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(elsewhere.isReplayed).toBe(false);
    await expect(ask('k', { date: '2026-01-02' })).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    await primary.query(`UPDATE jobs SET created_at = now() - interval '24 hours 1 second'`);
    expect((await ask('k', { date: '2026-01-02' })).isReplayed).toBe(false);
  });

  test('can be looked up by their key before they are made', async () => {
    const options = { idempotencyKey: 'upload', fingerprint: 'digest of the bytes' };
    expect(await jobs.findRequested(1, 'aggregate', options)).toBeNull();
    const { id } = await jobs.request(1, 'aggregate', PAYLOAD, options);

    expect(await jobs.findRequested(1, 'aggregate', options)).toMatchObject({ id });
    expect(await jobs.findRequested(2, 'aggregate', options)).toBeNull();
    const other = jobs.findRequested(1, 'aggregate', { ...options, fingerprint: 'other bytes' });
    await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('that ended longer ago than they are kept are deleted, the oldest first and in batches', async () => {
    await primary.query(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload, state, finished_at)
       SELECT 1, 'aggregate', 'low', 3, '{}', CASE WHEN days IS NULL THEN 'waiting' ELSE 'failed' END,
         now() - make_interval(days => days)
       FROM unnest(ARRAY[1, 29, 31, 40, 50, NULL]) AS days`,
    );
    const finished = context.get(FinishedJobs);

    expect(await finished.deleteExpired(2)).toBe(2);
    expect(await finished.deleteExpired(2)).toBe(1);
    expect(await finished.deleteExpired(2)).toBe(0);
    expect(await primary.query('SELECT FROM jobs')).toHaveLength(3);
  });
});
