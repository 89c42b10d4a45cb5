import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS } from './support/backends.js';
import type { JobClient } from './support/job-client.js';
import { JobStack } from './support/job-stack.js';

describe.each(BACKENDS)('the daily schedule with the queues on %s', (backend) => {
  let stack: JobStack;
  let old: JobClient;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    old = await stack.register('old');
    await stack.register('new');
    const organizationId = await stack.organizationOf(old);
    await stack.sql.query(`UPDATE organizations SET created_at = '2020-01-01' WHERE id = $1`, [organizationId]);
  });
  afterAll(() => stack?.stop());

  test('one aggregate a day and organization, whatever number of workers start how often', async () => {
    const workers = await Promise.all([stack.startWorker(), stack.startWorker()]);
    const [first] = await untilScheduled(stack);
    await Promise.all(workers.map(({ process }) => process.stop()));
    await stack.startWorker();
    await sleep(1_000);

    expect(await untilScheduled(stack)).toEqual([first]);
    expect(await old.untilJob(first ?? '', 'completed')).toMatchObject({ type: 'aggregate', attempts: 1 });
    const { rows } = await stack.sql.query(
      `SELECT due_at > now() AS is_ahead, held_by FROM job_schedules WHERE name = 'request-daily-aggregates'`,
    );
    expect(rows).toEqual([{ is_ahead: true, held_by: null }]);
  });
});

/** The ids of the jobs of all organizations, once there are any. */
async function untilScheduled(stack: JobStack): Promise<string[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { rows } = await stack.sql.query('SELECT id FROM jobs');
    if (rows.length > 0) return rows.map((row) => row.id);
    await sleep(50);
  }
  throw new Error('Nothing was scheduled');
}
