import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type ApiProcess, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const WARNING = 40;

let stage: RoutingStage;
let api: ApiProcess;
beforeAll(async () => {
  stage = await openRoutingStage();
  await stage.follower.stop('fast');
  api = await startApi({ DATABASE_URL: stage.cluster.primary.url, ANALYTICS_DB_URL: stage.follower.url });
  await waitUntilReady(api);
});
afterEach(() => api?.stop());
afterAll(() => stage?.close());

const linesAboutTheFollower = () => api.logLines().filter(({ follower }) => follower !== undefined);

/** The state that the metrics show, which must be one. */
async function shownStates(): Promise<string[]> {
  const metrics = await readMetrics(api.call);
  const states = ['absent', 'connecting', 'healthy', 'suspect', 'open', 'ramp', 'role-changed', 'drained'];
  return states.filter((state) => metrics.value('db_follower_state', { follower: 'follower-1', state }) === 1);
}

it('a follower that appears after the API is ready joins by itself, in the middle of reads', async () => {
  const readers = new Readers((method, path) => api.call(method, path, { token: stage.admin.token }), 4);
  await sleep(1_500);
  expect(routesOf(readers.reads)).toEqual(['primary follower-absent']);
  expect(await shownStates()).toEqual(['connecting']);
  expect((await readMetrics(api.call)).value('db_pool_connections', { pool: 'follower-1', state: 'max' })).toBe(10);

  await stage.follower.start();
  await waitUntilFollowerServes(api, 5_000);
  const joined = performance.now();
  await sleep(500);
  const reads = await readers.stop();

  expect(failuresOf(reads)).toEqual([]);
  expect(routesOf(reads)).toEqual(['follower ok', 'primary follower-absent']);
  expect(routesOf(reads.filter(({ at, ms }) => at - ms > joined))).toEqual(['follower ok']);
  const lines = linesAboutTheFollower();
  expect(lines.filter(({ level }) => Number(level) >= WARNING).map(({ message }) => message)).toEqual([
    'follower not reachable, reads use the primary',
  ]);
  expect(lines.map(({ message }) => message)).toContain('follower serves reads');

  const metrics = await readMetrics(api.call);
  const routed = (target: string, reason: string) => metrics.value('db_route_total', { target, reason });
  const seen = (route: string) => reads.filter((read) => read.route === route).length;
  expect(routed('follower', 'ok')).toBe(seen('follower ok'));
  expect(routed('primary', 'follower-absent')).toBe(seen('primary follower-absent'));
  expect(metrics.value('db_follower_transitions_total', { from: 'connecting', to: 'healthy' })).toBe(1);
  expect(metrics.value('db_follower_transitions_total')).toBe(1);
  expect(await shownStates()).toEqual(['healthy']);
  expect(metrics.value('db_pool_connections', { pool: 'follower-1', state: 'idle' })).toBeGreaterThan(0);
  for (const pool of ['primary', 'streams', 'fallback', 'follower-1']) {
    const connections = (state: string) => metrics.value('db_pool_connections', { pool, state });
    expect(connections('used') + connections('idle')).toBeLessThanOrEqual(connections('max'));
    expect([pool, metrics.value('db_pool_waiting', { pool })]).toEqual([pool, 0]);
  }
});
