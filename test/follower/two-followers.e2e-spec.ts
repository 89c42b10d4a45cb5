import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedFollower } from '@app/embedded-postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeAccount } from '../builders/records.builder.js';
import { eventually } from '../support/eventually.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesBut, routesOf } from './readers.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

let stage: RoutingStage;
let first: EmbeddedFollower;
let second: EmbeddedFollower;
beforeAll(async () => {
  stage = await openRoutingStage({ followers: 2 });
  [first, second] = stage.followers as [EmbeddedFollower, EmbeddedFollower];
});
afterEach(async () => {
  for (const follower of stage.followers) await resumeReplay(follower.url);
  await untilBothServe();
});
afterAll(() => stage?.close());

const untilBothServe = () =>
  eventually(async () => {
    const metrics = await readMetrics(stage.call);
    expect(metrics.value('db_follower_state', { state: 'healthy' })).toBe(2);
  });

/** How many statements of reads each follower has got so far. */
async function readsOf(follower: EmbeddedFollower): Promise<number> {
  const metrics = await readMetrics(stage.call);
  return metrics.value('db_pool_checkout_seconds_count', { pool: follower.name });
}

const token = async () => String((await stage.call('GET', '/api/customers?limit=1')).headers['x-consistency-token']);

describe('of two followers', () => {
  it('both take reads', async () => {
    const before = [await readsOf(first), await readsOf(second)];
    const readers = new Readers(stage.call, 8);
    await readers.until(200);
    const reads = await readers.stop();
    expect(routesOf(reads)).toEqual(['follower ok']);
    for (const [index, follower] of [first, second].entries()) {
      expect((await readsOf(follower)) - (before[index] ?? 0)).toBeGreaterThan(50);
    }
  });

  it.each([0, 1])('one that lags is passed over by who has seen more, and by nobody else (%i)', async (lagging) => {
    await pauseReplay(stage.followers[lagging]?.url ?? '');
    await makeAccount(stage.api, stage.admin.token, stage.customer.id);
    const seen = await token();
    const expected = (
      await stage.call('GET', '/api/analytics', { headers: { 'x-read-preference': 'primary' } })
    ).json();
    const texts = new Set<number>();
    for (let round = 0; round < 40; round += 1) {
      const answer = await stage.call('GET', '/api/analytics', { headers: { 'x-consistency-token': seen } });
      expect([answer.status, answer.headers['x-db-route-reason'], answer.json().total_accounts]).toEqual([
        200,
        'ok',
        expected.total_accounts,
      ]);
      for (let any = 0; any < 2; any += 1) {
        const headers = { 'x-read-preference': 'follower-preferred' };
        const anybody = await stage.call('GET', '/api/analytics', { headers });
        expect(anybody.headers['x-db-route']).toBe('follower');
        texts.add(Number(anybody.json().total_accounts));
      }
    }
    // Who says nothing of what it has seen is answered by either.
    expect(texts.size).toBe(2);
  });

  it('one that lags is passed over by who wants no older answer than the other gives', async () => {
    await pauseReplay(first.url);
    await makeAccount(stage.api, stage.admin.token, stage.customer.id);
    await sleep(1_200);
    for (let round = 0; round < 20; round += 1) {
      const headers = { 'x-read-preference': 'follower-preferred; max-staleness=1000' };
      const answer = await stage.call('GET', '/api/analytics', { headers });
      expect(answer.headers['x-db-route']).toBe('follower');
      expect(Number(answer.headers['x-db-staleness-ms'])).toBeLessThanOrEqual(1_000);
    }
  });

  it('one that hangs leaves the reads to the other, not to the primary', async () => {
    const readers = new Readers(stage.call, 8);
    await readers.until(50);
    await signalServer(first, 'SIGSTOP');
    try {
      await eventually(async () =>
        expect((await readMetrics(stage.call)).value('db_follower_state', { state: 'open' })).toBe(1),
      );
      const found = performance.now();
      await sleep(1_000);
      expect(routesOf(readers.since(found))).toEqual(['follower ok']);
      expect(await stage.health()).toMatchObject({ analytics_db: 'connected' });
    } finally {
      resumeServer(first);
    }
    const reads = await readers.stop();
    expect(failuresOf(reads)).toEqual([]);
    expect(routesBut(reads, ['follower ok', 'primary retry', 'primary follower-open'])).toEqual([]);
  });
});
