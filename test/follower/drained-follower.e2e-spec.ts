import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedFollower } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCommandLine } from '../migrations/command-line.js';
import { startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { lockTable } from '../support/table-lock.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesBut, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const TAKEN_OVER_WITHIN_MS = 2_000;
const AFTERWARDS_MS = 1_000;

let stage: RoutingStage;
let first: EmbeddedFollower;
let second: EmbeddedFollower;
let readers: Readers;
beforeAll(async () => {
  stage = await openRoutingStage({ followers: 2 });
  [first, second] = stage.followers as [EmbeddedFollower, EmbeddedFollower];
});
afterAll(() => stage?.close());
beforeEach(async () => {
  await eventually(async () => expect(await statesOf(stage)).toEqual(['healthy', 'healthy']));
  readers = new Readers(stage.call, 12);
  await readers.until(50);
});
afterEach(async () => {
  await readers.stop();
  await follower('undrain', 1);
  await follower('undrain', 2);
});

async function follower(action: 'drain' | 'undrain', k: number): Promise<void> {
  const outcome = await runCommandLine(['follower', action, String(k)], { DATABASE_URL: stage.cluster.primary.url });
  if (outcome.code !== 0) throw new Error(outcome.error);
}

/** As the metrics show them, of the first follower and the second. */
async function statesOf({ call }: Pick<RoutingStage, 'call'>): Promise<string[]> {
  const { text } = await call('GET', '/metrics');
  return ['follower-1', 'follower-2'].map((name) => {
    const shown = new RegExp(`^db_follower_state\\{(?=[^}]*follower="${name}")[^}]*state="([\\w-]+)"[^}]*\\} 1$`, 'm');
    return shown.exec(text)?.[1] ?? 'none';
  });
}

/** Resolves once this process has left out what it should; the moment it was seen. */
async function untilStates(...states: string[]): Promise<number> {
  await eventually(async () => expect(await statesOf(stage)).toEqual(states), TAKEN_OVER_WITHIN_MS);
  return performance.now();
}

/** Resolves once all have been taken back, which comes with a second of ramping up. */
async function untilBothServe(): Promise<void> {
  await eventually(async () => expect(await statesOf(stage)).toEqual(['healthy', 'healthy']));
}

/** How many reads the server has been sent since: statements of pools, not those of the looks at it. */
async function readsSince(server: EmbeddedFollower, time: string): Promise<number> {
  const [row] = await onServer<{ count: number }>(
    server,
    `SELECT count(*)::int FROM pg_stat_activity WHERE application_name LIKE 'tandem-follower%' AND query_start > '${time}'`,
  );
  return row?.count ?? -1;
}

async function onServer<Row extends object>(server: EmbeddedFollower, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function clockOf(server: EmbeddedFollower): Promise<string> {
  const [row] = await onServer<{ now: string }>(server, 'SELECT clock_timestamp()::text AS now');
  return row?.now ?? '';
}

it('a drained follower gets no more reads, none fails, and undrained it is used again', async () => {
  await follower('drain', 1);
  const drained = await untilStates('drained', 'healthy');
  const time = await clockOf(first);
  await sleep(AFTERWARDS_MS);
  expect(await readsSince(first, time)).toBe(0);
  expect(await readsSince(second, time)).toBeGreaterThan(0);
  expect(routesOf(readers.since(drained))).toEqual(['follower ok']);

  await follower('undrain', 1);
  await untilBothServe();
  await eventually(async () => expect(await readsSince(first, time)).toBeGreaterThan(0));
  const reads = await readers.stop();
  expect(failuresOf(reads)).toEqual([]);
  expect(routesBut(reads, ['follower ok', 'primary follower-ramp', 'primary retry'])).toEqual([]);
});

it('reads that are under way there when it is drained end there', async () => {
  await readers.stop();
  const unlock = await lockTable(stage.cluster.primary.url, 'rollup_state');
  const isLocked = `SELECT FROM pg_locks WHERE relation = 'rollup_state'::regclass AND mode = 'AccessExclusiveLock'`;
  const waiting = `SELECT FROM pg_stat_activity WHERE application_name = 'tandem-follower' AND wait_event_type = 'Lock'`;
  try {
    // A lock goes out to the followers with the next commit.
    await stage.sql('UPDATE users SET role = role');
    for (const server of [first, second]) {
      await eventually(async () => expect(await onServer(server, isLocked)).toHaveLength(1));
    }
    const underWay = Promise.all(Array.from({ length: 6 }, () => stage.call('GET', '/api/analytics')));
    await eventually(async () => expect((await onServer(first, waiting)).length).toBeGreaterThan(0));
    await follower('drain', 1);
    await untilStates('drained', 'healthy');
    await unlock();
    const routes = (await underWay).map(({ status, headers }) => `${status} ${headers['x-db-route-reason']}`);
    expect(routes).toEqual(Array(6).fill('200 ok'));
  } finally {
    await unlock().catch(() => undefined);
  }
});

it('with all of them drained reads use the primary, and say why', async () => {
  await Promise.all([follower('drain', 1), follower('drain', 2)]);
  const drained = await untilStates('drained', 'drained');
  const times = [await clockOf(first), await clockOf(second)];
  await sleep(AFTERWARDS_MS);
  expect(routesOf(readers.since(drained))).toEqual(['primary follower-drained']);
  expect([await readsSince(first, times[0] ?? ''), await readsSince(second, times[1] ?? '')]).toEqual([0, 0]);
  expect(failuresOf(await readers.stop())).toEqual([]);
});

it('a drained follower can be stopped and started, which no read notices', async () => {
  await follower('drain', 1);
  await untilStates('drained', 'healthy');
  await first.stop('fast');
  await sleep(AFTERWARDS_MS);
  await first.start();
  await sleep(AFTERWARDS_MS);
  expect(await statesOf(stage)).toEqual(['drained', 'healthy']);
  await follower('undrain', 1);
  await eventually(async () => expect(await statesOf(stage)).toEqual(['healthy', 'healthy']));
  const reads = await readers.stop();
  expect(failuresOf(reads)).toEqual([]);
  expect(routesBut(reads, ['follower ok', 'primary follower-ramp', 'primary retry'])).toEqual([]);
});

it('a process that starts meanwhile never reads from it', async () => {
  await readers.stop();
  await Promise.all([follower('drain', 1), follower('drain', 2)]);
  await untilStates('drained', 'drained');
  const [{ url: one }, { url: two }] = [first, second];
  const late = await startApi({ DATABASE_URL: stage.cluster.primary.url, ANALYTICS_DB_URL: `${one},${two}` });
  try {
    await waitUntilReady(late);
    const lateReaders = new Readers((method, path) => late.call(method, path, { token: stage.admin.token }), 4);
    await sleep(AFTERWARDS_MS);
    const reads = await lateReaders.stop();
    expect(routesOf(reads)).toEqual(['primary follower-drained']);
    expect(failuresOf(reads)).toEqual([]);
    expect((await readMetrics(late.call)).value('db_route_total', { target: 'follower' })).toBe(0);
  } finally {
    await late.stop();
  }
});

it('stays drained while the primary is down', async () => {
  await follower('drain', 1);
  await untilStates('drained', 'healthy');
  await stage.cluster.primary.stop('fast');
  try {
    await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'disconnected' }));
    const time = await clockOf(first);
    await sleep(2 * AFTERWARDS_MS);
    expect(await statesOf(stage)).toEqual(['drained', 'healthy']);
    expect(await readsSince(first, time)).toBe(0);
  } finally {
    await stage.cluster.primary.start();
  }
  await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'connected' }));
  expect(failuresOf(await readers.stop())).toEqual([]);
});
