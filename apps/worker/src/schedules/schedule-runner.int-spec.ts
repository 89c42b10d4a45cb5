import { PrimaryDatabase } from '@app/database';
import { ScheduleHolds } from '@app/jobs';
import { createLogger } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.js';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import type { JobSchedules } from './job-schedules.service.js';
import type { Schedule } from './schedule.js';
import { ScheduleRunner } from './schedule-runner.service.js';

const logger = createLogger({ level: 'silent', name: 'test' });

describe('schedules of several workers', () => {
  let database: TestDatabase;
  const contexts: INestApplicationContext[] = [];
  let primary: PrimaryDatabase;

  beforeAll(async () => {
    database = await createJobDatabase();
    contexts.push(await openLibraries(database), await openLibraries(database));
    primary = (contexts[0] as INestApplicationContext).get(PrimaryDatabase);
  });
  beforeEach(() => primary.query('TRUNCATE job_schedules'));
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await database?.drop();
  });

  /** A worker's runner with one schedule of the test's own. */
  const runners = (run: Schedule['run'], rhythm: Schedule['rhythm'] = { everyMs: 3_600_000 }) =>
    contexts.map((context) => {
      const schedules = { all: [{ name: 'tested', rhythm, run }] } as unknown as JobSchedules;
      return new ScheduleRunner(schedules, context.get(ScheduleHolds), logger);
    });
  const startAll = (all: ScheduleRunner[]) => Promise.all(all.map((runner) => runner.startDue()));
  const makeDue = () => primary.query('UPDATE job_schedules SET due_at = now()');

  test('what is due is run by one of them, and not again before its time', async () => {
    let runs = 0;
    const both = runners(async () => {
      runs += 1;
    });
    for (let round = 0; round < 3; round += 1) await startAll(both);
    await Promise.all(both.map((runner) => runner.settled()));
    await startAll(both);
    expect(runs).toBe(1);

    await makeDue();
    await startAll(both);
    expect(runs).toBe(2);
  });

  test('none begins while a run lasts', async () => {
    let running = 0;
    let most = 0;
    let end = (): void => undefined;
    const both = runners(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      running -= 1;
    });
    await startAll(both);
    await makeDue();
    await startAll(both);
    expect([running, most]).toEqual([1, 1]);
    end();
    await Promise.all(both.map((runner) => runner.settled()));
  });

  test('a run that failed is due again soon, and one whose worker died when its hold has run out', async () => {
    let runs = 0;
    const [first, second] = runners(async () => {
      runs += 1;
      if (runs === 1) throw new Error('failed');
    }) as [ScheduleRunner, ScheduleRunner];
    await first.startDue();
    await first.settled();
    const due = await primary.query<{ seconds: number }>(
      'SELECT extract(epoch FROM due_at - now())::int AS seconds FROM job_schedules',
    );
    expect(due[0]?.seconds).toBeLessThanOrEqual(30);

    await primary.query(`UPDATE job_schedules SET due_at = now(), held_by = gen_random_uuid(),
      held_until = now() + interval '300 milliseconds'`);
    await second.startDue();
    expect(runs).toBe(1);
    await eventually(async () => {
      await second.startDue();
      expect(runs).toBe(2);
    });
    await second.settled();
  });
});
