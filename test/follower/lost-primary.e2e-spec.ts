import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../builders/people.builder.js';
import { size } from '../faults/sizes.js';
import { startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import type { Answer } from '../support/http-call.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const REFUSED_WITHIN_MS = 2_500 * size.patience;
const BACK_WITHIN_MS = 1_000 * size.patience;

let stage: RoutingStage;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(() => stage?.close());
afterEach(async () => {
  // So that one failure stays one.
  for (const server of [stage.cluster.primary, stage.follower]) await server.start();
  await eventually(async () =>
    expect(await stage.health()).toMatchObject({ database: 'connected', analytics_db: 'connected' }),
  );
});

/** One of every call that needs the primary. */
const CALLS: [string, string, object?][] = [
  ['POST', '/api/auth/login', { username: 'somebody', password: PASSWORD }],
  ['POST', '/api/auth/register', { username: 'somebody new', password: PASSWORD }],
  ['GET', '/api/customers'],
  ['GET', '/api/customers?limit=5'],
  ['GET', '/api/customers/1'],
  ['POST', '/api/customers', { name: 'A', email: 'while-away@example.com' }],
  ['PUT', '/api/customers/1', { name: 'A', email: 'while-away@example.com' }],
  ['GET', '/api/accounts', undefined],
  ['GET', '/api/accounts/1'],
  ['POST', '/api/accounts', { customer_id: 1, name: 'A', status: 'active' }],
  ['DELETE', '/api/accounts/1'],
  ['GET', '/api/jobs'],
  ['POST', '/api/jobs', { type: 'aggregate' }],
];

function expectUnavailable([method, path]: [string, string, object?], answer: Answer): void {
  const { code, error } = answer.json();
  expect([method, path, answer.status, code]).toEqual([method, path, 503, 'primary_unavailable']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(error).not.toMatch(/127\.0\.0\.1|ECONN|socket|postgres/i);
  expect(answer.ms).toBeLessThan(REFUSED_WITHIN_MS);
}

/** While the primary is away: analytics go on from the follower, everything else is refused in time. */
async function expectDegraded(readers: Readers): Promise<void> {
  const answers = await Promise.all(CALLS.map(([method, path, json]) => stage.call(method, path, { json })));
  for (const [index, answer] of answers.entries()) expectUnavailable(CALLS[index] ?? ['', ''], answer);
  await sleep(1_000);
  expect(routesOf(readers.reads.slice(-12))).toEqual(['follower ok']);
  expect((await stage.call('GET', '/api/analytics')).json().total_customers).toBeGreaterThan(0);
  const health = await stage.api.call('GET', '/health');
  expect([health.status, health.text]).toEqual([
    503,
    '{"status":"unhealthy","database":"disconnected","analytics_db":"connected"}',
  ]);
  const ready = await stage.api.call('GET', '/health/ready');
  expect([ready.status, ready.json<{ details: { primary: { status: string } } }>().details.primary.status]).toEqual([
    200,
    'degraded',
  ]);
  expect((await stage.api.call('GET', '/health/live')).status).toBe(200);
}

async function expectBack(): Promise<void> {
  const returned = performance.now();
  const json = { name: 'Back', email: `back-${returned}@example.com` };
  const made = await eventually(async () => {
    const answer = await stage.call('POST', '/api/customers', { json });
    expect(answer.status).toBe(201);
    return answer;
  }, BACK_WITHIN_MS);
  expect(performance.now() - returned).toBeLessThan(BACK_WITHIN_MS);
  expect((await stage.call('DELETE', `/api/customers/${made.json().id}`)).status).toBe(200);
  expect((await stage.call('GET', '/api/customers')).status).toBe(200);
  expect((await stage.call('GET', '/api/jobs')).status).toBe(200);
}

describe('analytics go on from the follower and everything else is 503 primary_unavailable', () => {
  it('while the primary is stopped', async () => {
    const readers = new Readers(stage.call, 6);
    await sleep(300);
    await stage.cluster.primary.stop('fast');
    await expectDegraded(readers);
    await stage.cluster.primary.start();
    await expectBack();
    expect(failuresOf(await readers.stop())).toEqual([]);
  });

  it('while the primary is killed and recovers', async () => {
    const readers = new Readers(stage.call, 6);
    await sleep(300);
    await signalServer(stage.cluster.primary, 'SIGKILL');
    await expectDegraded(readers);
    await stage.cluster.primary.start();
    await expectBack();
    expect(failuresOf(await readers.stop())).toEqual([]);
  });

  it('while the primary hangs, right after a write too', async () => {
    const { id } = (await stage.call('POST', '/api/customers', { json: { name: 'W', email: 'w@example.com' } })).json();
    await stage.call('DELETE', `/api/customers/${id}`);
    const readers = new Readers(stage.call, 6);
    await sleep(300);
    await signalServer(stage.cluster.primary, 'SIGSTOP');
    try {
      await expectDegraded(readers);
      const late = await Promise.all(CALLS.map(([method, path, json]) => stage.call(method, path, { json })));
      for (const answer of late) expect(answer.ms).toBeLessThan(1_000);
      // Nor do those that look for their own last write wait for a primary that can't tell where it is.
      const lately = readers.reads.filter(({ at }) => at > performance.now() - 500);
      for (const read of lately) expect(read.ms).toBeLessThan(1_000);
    } finally {
      resumeServer(stage.cluster.primary);
    }
    await expectBack();
    const reads = await readers.stop();
    expect(failuresOf(reads)).toEqual([]);
    expect(Math.max(...reads.map(({ ms }) => ms))).toBeLessThan(REFUSED_WITHIN_MS);
  });
});

it('both away: nothing can be answered, so readiness fails; it comes back with either', async () => {
  await stage.cluster.primary.stop('fast');
  await stage.follower.stop('fast');
  await eventually(async () => expect((await stage.api.call('GET', '/health/ready')).status).toBe(503));
  const answer = await stage.call('GET', '/api/analytics');
  expect([answer.status, answer.json().code]).toEqual([503, 'primary_unavailable']);
  expect(answer.headers['retry-after']).toBeDefined();
  await stage.follower.start();
  await eventually(async () => expect((await stage.api.call('GET', '/health/ready')).status).toBe(200));
  expect((await stage.call('GET', '/api/analytics')).headers['x-db-route']).toBe('follower');
  await stage.cluster.primary.start();
  await expectBack();
});

it('started while the primary is away: alive, not ready, and ready once it comes, without a restart', async () => {
  await stage.cluster.primary.stop('fast');
  const late = await startApi({ DATABASE_URL: stage.cluster.primary.url, ANALYTICS_DB_URL: stage.follower.url });
  try {
    await eventually(async () => expect((await late.call('GET', '/health/live')).status).toBe(200), 20_000);
    for (let round = 0; round < 5; round += 1) {
      for (const probe of ['/health/ready', '/health/startup', '/health']) {
        const answer = await late.call('GET', probe);
        expect([probe, answer.status]).toEqual([probe, 503]);
      }
      const login = await late.call('POST', '/api/auth/login', { json: { username: 'a', password: PASSWORD } });
      expect([login.status, login.json().code]).toEqual([503, 'primary_unavailable']);
      await sleep(200);
    }
    await stage.cluster.primary.start();
    // From here on every answer is a refusal to be repeated or the real one, never a fault.
    await eventually(async () => {
      const answer = await late.call('POST', '/api/auth/register', {
        json: { username: `u${performance.now()}`, password: PASSWORD },
      });
      if (![201, 503].includes(answer.status)) throw new Error(`unexpected ${answer.status} ${answer.text}`);
      expect(answer.status).toBe(201);
    }, BACK_WITHIN_MS);
    await waitUntilReady(late);
    expect((await late.call('GET', '/health/startup')).status).toBe(200);
    const faults = late.logLines().filter(({ status }) => status === 500);
    expect(faults).toEqual([]);
  } finally {
    await late.stop();
  }
});
