import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { JobGivenUpError, JobRuns, JobSupersededError } from './job-runs.service.js';
import { JobsService } from './jobs.service.js';
import type { JobAttempt } from './ledger/job-runs.repository.js';

const FAILURE = { code: 'job_failed', message: 'It failed' };

describe('attempts at jobs', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let runs: JobRuns;
  let jobs: JobsService;
  let organizationId: number;
  let id: string;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database);
    [primary, runs, jobs] = [context.get(PrimaryDatabase), context.get(JobRuns), context.get(JobsService)];
    await primary.query('CREATE TABLE effects (job uuid)');
    const [row] = await primary.query<{ id: number }>(`INSERT INTO organizations (name) VALUES ('A') RETURNING id`);
    organizationId = row?.id ?? 0;
  });
  beforeEach(async () => {
    ({ id } = await jobs.request(organizationId, 'aggregate', { date: '2026-01-01' }));
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const begin = async (): Promise<JobAttempt> => ({ id, attempt: (await runs.start(id))?.attempts ?? 0 });
  const effect = async () => {
    await primary.query('INSERT INTO effects VALUES ($1)', [id]);
    return { value: 1 };
  };
  const effects = () => primary.query('SELECT FROM effects WHERE job = $1', [id]);

  test('the effect and the result are committed together', async () => {
    await runs.complete(await begin(), effect);

    expect(await effects()).toHaveLength(1);
    const job = await jobs.get(organizationId, id);
    expect(job).toMatchObject({ state: 'completed', progress: 100, result: { value: 1 }, attempts: 1 });
  });

  test('an effect that fails leaves neither', async () => {
    const attempt = await begin();

    const work = runs.complete(attempt, async () => {
      await effect();
      throw new Error('half way');
    });

    await expect(work).rejects.toThrow('half way');
    expect(await effects()).toHaveLength(0);
    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', result: null });
  });

  test('of two runs at once one has an effect and the other is rolled back', async () => {
    const [first, second] = [await begin(), await begin()];

    const outcomes = await Promise.allSettled([runs.complete(first, effect), runs.complete(second, effect)]);

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual({ status: 'rejected', reason: expect.any(JobSupersededError) });
    expect(await effects()).toHaveLength(1);
  });

  test('an attempt that never ended is given back when the next begins', async () => {
    await begin();
    await begin();

    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', attempts: 2, maxAttempts: 4 });
  });

  describe('whose workers die', () => {
    const note = () => ({ checkpoint: {}, percent: 1 });
    const times = async (count: number, work: () => Promise<unknown>): Promise<void> => {
      for (let done = 0; done < count; done += 1) await work();
    };

    test('are begun ten times more, then the job has failed until somebody starts it again', async () => {
      await times(11, begin);
      expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', attempts: 11, maxAttempts: 13 });

      await expect(begin()).rejects.toThrow(JobGivenUpError);

      const failed = await jobs.get(organizationId, id);
      expect(failed).toMatchObject({ state: 'failed', attempts: 11, error: { code: 'worker_lost' } });
      expect(failed.finishedAt).not.toBeNull();
      expect(await runs.start(id)).toBeNull();
      await jobs.retry(organizationId, id);
      await times(11, begin);
      expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', attempts: 22 });
    });

    test('are begun for as long as the job gets a step further each ten times', async () => {
      await times(4, async () => {
        await times(9, begin);
        await runs.step(await begin(), effect, note);
      });

      expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', attempts: 40, maxAttempts: 42 });
      await runs.complete(await begin(), effect);
    });

    test('count the times too that a server is lost, but not those that a worker stops', async () => {
      await times(30, async () => runs.handBack(await begin()));
      await times(5, begin);
      await times(5, async () => expect(await runs.interrupt(await begin())).toBe(true));

      const attempt = await begin();
      expect(await runs.interrupt(attempt)).toBe(false);
      await runs.step(attempt, effect, note);
      expect(await runs.interrupt(attempt)).toBe(true);
    });

    test('lose no job to an outage that got a step further since the one before', async () => {
      await times(12, async () => {
        const attempt = await begin();
        await runs.step(attempt, effect, note);
        expect(await runs.interrupt(attempt)).toBe(true);
      });

      expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'waiting', attempts: 12, maxAttempts: 15 });
    });
  });

  test('whoever was overtaken neither fails the job nor moves its progress', async () => {
    const [overtaken, present] = [await begin(), await begin()];
    await runs.reportProgress(present, 40);

    expect(await runs.fail(overtaken, FAILURE, true)).toBeUndefined();
    await runs.reportProgress(overtaken, 80);
    await runs.handBack(overtaken);
    expect(await runs.interrupt(overtaken)).toBe(false);

    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'active', progress: 40, error: null });
  });

  test('the last failure is final, and started again the job has as many attempts as at first', async () => {
    expect(await runs.fail(await begin(), FAILURE, true)).toBe(true);
    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'delayed', error: FAILURE, finishedAt: null });
    expect(await runs.fail(await begin(), FAILURE, true)).toBe(true);
    expect(await runs.fail(await begin(), FAILURE, true)).toBe(false);
    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'failed', attempts: 3, error: FAILURE });
    expect(await runs.start(id)).toBeNull();

    const again = await jobs.retry(organizationId, id);

    expect(again).toMatchObject({ state: 'waiting', attempts: 3, maxAttempts: 6, error: null, finishedAt: null });
  });

  test('what can never work is not tried again', async () => {
    expect(await runs.fail(await begin(), FAILURE, false)).toBe(false);
    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test.each(['completed', 'failed', 'cancelled'])('a job that is %s is not begun', async (state) => {
    await primary.query('UPDATE jobs SET state = $2 WHERE id = $1', [id, state]);

    expect(await runs.start(id)).toBeNull();
  });

  test('a step, its checkpoint and its progress are committed together, and the next attempt finds them', async () => {
    const attempt = await begin();
    const step = () => runs.step(attempt, effect, ({ value }) => ({ checkpoint: { value }, percent: 40.5 }));

    expect(await step()).toEqual({ value: 1 });

    expect(await jobs.get(organizationId, id)).toMatchObject({ progress: 40, checkpoint: { value: 1 } });
    await runs.handBack(attempt);
    expect(await jobs.get(organizationId, id)).toMatchObject({ state: 'waiting', progress: 40 });
    expect(await runs.start(id)).toMatchObject({ attempts: 2, progress: 40, checkpoint: { value: 1 } });
    await expect(step()).rejects.toThrow(JobSupersededError);
    expect(await effects()).toHaveLength(1);
  });

  test('a step that fails leaves neither', async () => {
    const attempt = await begin();
    const step = runs.step(attempt, effect, () => {
      throw new Error('half way');
    });
    await expect(step).rejects.toThrow('half way');
    expect(await effects()).toHaveLength(0);
    expect(await jobs.get(organizationId, id)).toMatchObject({ checkpoint: null, progress: 0 });
  });

  test('of two attempts that do the same step only the present one is there', async () => {
    const [first, second] = [await begin(), await begin()];
    const step = (attempt: JobAttempt) => runs.step(attempt, effect, () => ({ checkpoint: {}, percent: 1 }));
    const outcomes = await Promise.allSettled([step(first), step(second)]);

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await effects()).toHaveLength(1);
    expect(await runs.findSuperseded([first, second])).toEqual([first]);
  });

  test('a cancelled job can be started again and its old attempt stays without effect', async () => {
    const attempt = await begin();
    expect(await jobs.cancel(organizationId, id)).toMatchObject({ state: 'cancelled' });
    await expect(jobs.cancel(organizationId, id)).rejects.toMatchObject({ code: 'job_not_cancellable' });
    expect(await runs.findSuperseded([attempt])).toEqual([attempt]);

    expect(await jobs.retry(organizationId, id)).toMatchObject({ state: 'waiting', attempts: 1, maxAttempts: 4 });

    await expect(runs.complete(attempt, effect)).rejects.toThrow(JobSupersededError);
    await runs.complete(await begin(), effect);
    expect(await effects()).toHaveLength(1);
  });

  test('a job cancelled under way has no effect', async () => {
    const attempt = await begin();
    await primary.query(`UPDATE jobs SET state = 'cancelled' WHERE id = $1`, [id]);

    await expect(runs.complete(attempt, effect)).rejects.toThrow(JobSupersededError);
    expect(await effects()).toHaveLength(0);
  });

  describe('killed between the effect and the note of it', () => {
    const die = () => primary.query('SELECT pg_terminate_backend(pg_backend_pid())');

    test('an attempt has no effect, and the next one has it once', async () => {
      const killed = runs.complete(await begin(), async () => {
        await effect();
        await die();
      });
      await expect(killed).rejects.toThrow();
      expect(await effects()).toHaveLength(0);
      await runs.complete(await begin(), effect);
      expect(await effects()).toHaveLength(1);
    });

    test('the control: of a job that is completed after its effect, it is there twice', async () => {
      const completeAfterwards = async (attempt: JobAttempt, between: () => Promise<unknown>) => {
        await effect();
        await between();
        await runs.complete(attempt, async () => null);
      };
      await expect(completeAfterwards(await begin(), die)).rejects.toThrow();
      await completeAfterwards(await begin(), async () => undefined);
      expect(await effects()).toHaveLength(2);
    });
  });

  test('progress is a whole number below a hundred until the job is completed', async () => {
    const attempt = await begin();
    for (const [reported, shown] of [
      [-5, 0],
      [33.9, 33],
      [250, 99],
    ] as const) {
      await runs.reportProgress(attempt, reported);
      expect(await jobs.get(organizationId, id)).toMatchObject({ progress: shown });
    }
  });
});
