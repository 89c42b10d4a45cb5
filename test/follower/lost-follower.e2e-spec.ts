import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const READERS = 12;
const FOUND_WITHIN_MS = 2_000;
const USED_AGAIN_WITHIN_MS = 3_000;
/** What a follower that hangs may cost a reader. */
const SLOWEST_MS = 2_500;

let stage: RoutingStage;
let readers: Readers;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: 'connected' }));
  readers = new Readers(stage.call, READERS);
  await sleep(500);
});
afterEach(() => readers.stop());

/** Resolves with the milliseconds until `/health` says this of the follower. */
async function untilHealthSays(state: string): Promise<number> {
  const startedAt = performance.now();
  await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: state }), 10_000, 10);
  return performance.now() - startedAt;
}

const since = (at: number) => readers.reads.filter((read) => read.at - read.ms > at);

describe('under twelve readers', () => {
  it('a follower that serves answers every read, and says so', async () => {
    expect(routesOf(await readers.stop())).toEqual(['follower ok']);
  });

  it('a killed follower fails no read; it is found within 2 s and used again within 3 s of its return', async () => {
    await signalServer(stage.follower, 'SIGKILL');
    expect(await untilHealthSays('disconnected')).toBeLessThan(FOUND_WITHIN_MS);
    const found = performance.now();
    await sleep(1_000);
    expect(routesOf(since(found))).toEqual(['primary follower-open']);

    await stage.follower.start();
    expect(await untilHealthSays('connected')).toBeLessThan(USED_AGAIN_WITHIN_MS);
    const back = performance.now();
    await sleep(500);
    expect(routesOf(since(back))).toEqual(['follower ok']);

    const reads = await readers.stop();
    expect(failuresOf(reads)).toEqual([]);
    expect(reads.length).toBeGreaterThan(200);
    // One text for each of the two paths that are read: the totals are right whoever answers.
    expect(new Set(reads.map(({ text }) => text)).size).toBe(2);
    const allowed = ['follower ok', 'primary follower-open', 'primary retry'];
    expect(routesOf(reads).filter((route) => !allowed.includes(route))).toEqual([]);
  });

  it('a follower that hangs for 4 s fails no read, and is used again', async () => {
    await signalServer(stage.follower, 'SIGSTOP');
    try {
      const hangs = sleep(4_000);
      expect(await untilHealthSays('disconnected')).toBeLessThan(FOUND_WITHIN_MS);
      const found = performance.now();
      await hangs;
      expect(routesOf(since(found))).toEqual(['primary follower-open']);
    } finally {
      resumeServer(stage.follower);
    }
    expect(await untilHealthSays('connected')).toBeLessThan(USED_AGAIN_WITHIN_MS);
    const reads = await readers.stop();
    expect(failuresOf(reads)).toEqual([]);
    expect(Math.max(...reads.map(({ ms }) => ms))).toBeLessThan(SLOWEST_MS);
    expect(new Set(reads.map(({ text }) => text)).size).toBe(2);
  });

  it('a follower that is restarted at once fails no read', async () => {
    await stage.follower.stop('fast');
    await stage.follower.start();
    await untilHealthSays('connected');
    await eventually(() => expect(routesOf(readers.reads.slice(-READERS))).toEqual(['follower ok']));
    expect(failuresOf(await readers.stop())).toEqual([]);
  });

  it('connections that the follower’s operator ends fail no read, and don’t make it a lost one', async () => {
    const client = new pg.Client({ connectionString: stage.follower.url });
    await client.connect();
    try {
      for (let round = 0; round < 5; round += 1) {
        // On a busy machine it takes the API a moment to have some again.
        await eventually(async () => {
          const { rowCount } = await client.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tandem-follower'",
          );
          expect(rowCount).toBeGreaterThan(0);
        });
        await sleep(200);
      }
    } finally {
      await client.end();
    }
    await sleep(300);
    expect(await stage.health()).toMatchObject({ analytics_db: 'connected' });
    const reads = await readers.stop();
    expect(failuresOf(reads)).toEqual([]);
    expect(routesOf(reads.slice(-READERS))).toEqual(['follower ok']);
    expect(routesOf(reads).filter((route) => !['follower ok', 'primary retry'].includes(route))).toEqual([]);
  });
});

it('every change of state is logged once and counted, without an address', async () => {
  const changes = stage.api.logLines().filter(({ follower, to }) => follower !== undefined && to !== undefined);
  expect(changes.length).toBeGreaterThanOrEqual(4);
  expect(JSON.stringify(changes)).not.toContain(String(new URL(stage.follower.url).port));
  const { text } = await stage.api.call('GET', '/metrics');
  expect(text).toMatch(/^db_follower_transitions_total\{[^}]*from="(healthy|suspect)",to="open"/m);
  expect(text).toMatch(/^db_follower_transitions_total\{[^}]*from="open",to="healthy"/m);
  expect(text).toMatch(/^db_route_total\{[^}]*target="primary",reason="follower-open"/m);
});
