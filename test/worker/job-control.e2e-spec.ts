import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BACKENDS } from './support/backends.js';
import type { JobAnswer, JobClient } from './support/job-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

describe.each(BACKENDS)('cancelling and repeating jobs with the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;
  let worker: RunningWorker;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    await stack.countEffects();
    client = await stack.register('admin');
  });
  beforeEach(async () => {
    worker = await stack.startWorker();
  });
  afterEach(() => worker.process.stop());
  afterAll(() => stack?.stop());

  const cancel = (id: string) => client.call<JobAnswer>('POST', `/api/jobs/${id}/cancel`);

  test('a job cancelled while it runs has no effect, and can be started again', async () => {
    const release = await stack.holdAggregates();
    const { id } = await client.requestAggregate('2026-06-01');
    await client.untilJob(id, 'active');

    const cancelled = await cancel(id);
    await release();

    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    await worker.process.waitForOutput(/"job was cancelled or taken over"/);
    expect(await stack.effects('2026-06-01')).toBe(0);
    expect(await client.job(id)).toMatchObject({ state: 'cancelled', result: null });

    expect((await client.call('POST', `/api/jobs/${id}/retry`)).status).toBe(202);
    await client.untilJob(id, 'completed');
    expect(await stack.effects('2026-06-01')).toBe(1);
  });

  test('a job cancelled before it began is never begun; one that has ended can’t be cancelled', async () => {
    await worker.process.stop();
    const { id } = await client.requestAggregate('2026-06-02');
    expect((await cancel(id)).status).toBe(200);
    const other = await client.requestAggregate('2026-06-03');

    worker = await stack.startWorker();

    await client.untilJob(other.id, 'completed');
    expect(await client.job(id)).toMatchObject({ state: 'cancelled', attempts: 0 });
    const late = await cancel(other.id);
    expect([late.status, (late.body as unknown as { code: string }).code]).toEqual([409, 'job_not_cancellable']);
    expect(await stack.effects('2026-06-02')).toBe(0);
  });

  test('one idempotency key is one job, however often and at once it is sent; another request with it is refused', async () => {
    const ask = (date: string) =>
      client.call<JobAnswer>('POST', '/api/jobs', { type: 'aggregate', date }, { 'idempotency-key': 'one' });

    const answers = await Promise.all(Array.from({ length: 6 }, () => ask('2026-06-04')));
    const again = await ask('2026-06-04');
    const other = await ask('2026-06-05');

    const ids = new Set([...answers, again].map(({ status, body }) => `${status} ${body.id}`));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^202 /);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(5);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([other.status, (other.body as unknown as { code: string }).code]).toEqual([422, 'idempotency_key_reused']);
    await client.untilJob(again.body.id, 'completed');
    expect(await stack.effects('2026-06-04')).toBe(1);

    await stack.sql.query(`UPDATE jobs SET created_at = created_at - interval '25 hours' WHERE id = $1`, [
      again.body.id,
    ]);
    expect((await ask('2026-06-05')).status).toBe(202);
  });
});
