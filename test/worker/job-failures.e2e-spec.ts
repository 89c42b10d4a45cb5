import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS } from './support/backends.js';
import type { JobClient } from './support/job-client.js';
import { JobStack } from './support/job-stack.js';

const REFUSED = '2026-04-01';

describe.each(BACKENDS)('failing jobs with the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    client = await stack.register('unlucky');
    await stack.sql.query(`ALTER TABLE daily_aggregates ADD CONSTRAINT refused CHECK (date <> '${REFUSED}')`);
    await stack.startWorker();
  });
  afterAll(() => stack?.stop());

  test('a job is tried three times with pauses, fails with its reason, and can be started again', async () => {
    const { id } = await client.requestAggregate(REFUSED);

    const resting = await client.untilJob(id, 'delayed');
    expect(resting).toMatchObject({ max_attempts: 3, error: { code: 'database_error' }, finished_at: null });
    const failed = await client.untilJob(id, 'failed');
    expect(failed).toMatchObject({ attempts: 3, result: null, error: { code: 'database_error' } });
    expect(failed.finished_at).not.toBeNull();
    expect(JSON.stringify(failed.error)).not.toMatch(/insert|select|daily_aggregates|at .*\.js/i);

    await stack.sql.query('ALTER TABLE daily_aggregates DROP CONSTRAINT refused');
    const again = await client.call('POST', `/api/jobs/${id}/retry`);
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ id, state: 'waiting', attempts: 3, max_attempts: 6, error: null });
    const done = await client.untilJob(id, 'completed');
    expect(done).toMatchObject({ attempts: 4, progress: 100, error: null, result: { date: REFUSED } });
  });

  test('jobs of another version fail by themselves and harm no other', async () => {
    const organizationId = await stack.organizationOf(client);
    const plant = async (type: string, payload: object): Promise<string> => {
      const { rows } = await stack.sql.query(
        `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
         VALUES ($1, $2, 'default', 2, $3) RETURNING id`,
        [organizationId, type, payload],
      );
      return rows[0].id;
    };
    const [old, unknown] = [await plant('aggregate', { day: '2026-01-01' }), await plant('of-tomorrow', {})];

    const { id } = await client.requestAggregate('2026-01-02');

    await client.untilJob(id, 'completed');
    expect(await client.untilJob(old, 'failed')).toMatchObject({ attempts: 1, error: { code: 'payload_invalid' } });
    expect(await client.untilJob(unknown, 'failed')).toMatchObject({
      attempts: 2,
      error: { code: 'job_type_unknown' },
    });
  });
});
