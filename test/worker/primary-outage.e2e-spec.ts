import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForHttp } from '../support/processes.js';
import { startThrowAwayCluster, type ThrowAwayCluster } from '../support/throw-away-cluster.js';
import { BACKENDS } from './support/backends.js';
import { JobStack } from './support/job-stack.js';

describe.each(BACKENDS)('the primary killed under jobs, with the queues on %s', (backend) => {
  let own: ThrowAwayCluster;
  let stack: JobStack;

  beforeAll(async () => {
    own = await startThrowAwayCluster(0);
    stack = await JobStack.start(backend, own.cluster.primary.url);
  });
  afterAll(async () => {
    await stack?.stop();
    await own?.remove();
  });

  test('a job at hand is done once when it is back; meanwhile none is accepted', async () => {
    const date = '2026-07-01';
    await stack.countEffects();
    const client = await stack.register('survivor');
    const worker = await stack.startWorker();
    const release = await stack.holdAggregates();
    const { id } = await client.requestAggregate(date);
    await client.untilJob(id, 'active');

    await own.cluster.primary.stop('immediate');
    await release().catch(() => undefined);
    const refused = await client.call('POST', '/api/jobs', { type: 'aggregate', date: '2026-07-02' });
    expect([refused.status, refused.body.code]).toEqual([503, 'primary_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('1');
    await own.cluster.primary.start();

    const job = await client.untilJob(id, 'completed', 30_000);
    expect(job.error).toBeNull();
    expect(await stack.effects(date)).toBe(1);
    const next = await client.requestAggregate('2026-07-03');
    await client.untilJob(next.id, 'completed');
    expect(await worker.process.stop()).toBe(0);
  });

  test('a worker started before its database says so, and works when it is there', async () => {
    const client = await stack.register('early');
    const { id } = await client.requestAggregate('2026-07-04');
    await own.cluster.primary.stop('fast');

    const worker = await stack.launchWorker();
    await waitForHttp(`${worker.url}/health/startup`, 503);
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${worker.url}/health/live`)).status).toBe(200);
    await own.cluster.primary.start();

    await client.untilJob(id, 'completed', 20_000);
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200);
    expect(await worker.process.stop()).toBe(0);
  });
});
