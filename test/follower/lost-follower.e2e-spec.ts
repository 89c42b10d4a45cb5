import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HungPool } from '../faults/controls/hung-pool.js';
import { FaultRow, largest } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/questions.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { failuresOf, Readers, routesBut, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const OPEN = 'primary follower-open';
const RAMP = 'primary follower-ramp';

let stage: RoutingStage;
let readers: Readers;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  await eventually(async () =>
    expect((await stage.call('GET', '/api/analytics')).headers['x-db-route']).toBe('follower'),
  );
  await sleep(1_500);
  readers = new Readers(stage.call, size.readers);
  await readers.until(size.readers * 5);
});
afterEach(() => readers.stop());

/** Resolves with the milliseconds until `/health` says this of the follower. */
async function untilHealthSays(state: string): Promise<number> {
  const startedAt = performance.now();
  await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: state }), 15_000, 10);
  return performance.now() - startedAt;
}

/** Resolves with the milliseconds until a read that was asked for from now on is answered by the follower. */
async function untilItServes(): Promise<number> {
  const startedAt = performance.now();
  const served = () => readers.since(startedAt).find(({ route }) => route === 'follower ok');
  return eventually(() => {
    const first = served();
    if (first === undefined) throw new Error(`Only ${routesOf(readers.since(startedAt))}`);
    return first.at - startedAt;
  }, 15_000);
}

/** All of them go to the follower again. */
const untilAllAreServed = () =>
  eventually(() => expect(routesOf(readers.reads.slice(-size.readers))).toEqual(['follower ok']));

describe('under readers', () => {
  it('a follower that serves answers every read, and says so', async () => {
    // A machine that is busy elsewhere may make the follower miss its looks; then it is used again soon.
    await untilAllAreServed();
    const calm = readers.reads.length;
    await eventually(() => expect(routesOf(readers.reads.slice(-size.readers * 5))).toEqual(['follower ok']));
    await readers.until(calm + size.readers * 5);
    expect(failuresOf(await readers.stop())).toEqual([]);
  });

  it('a killed follower fails no read and is used again soon after its return', {
    timeout: timeLimit(60_000),
  }, async (context) => {
    const row = new FaultRow(context, `SIGKILL the follower under ${size.readers} readers`);
    await readers.until(size.reads / 2);
    const before = readers.reads.length;
    await signalServer(stage.follower, 'SIGKILL');
    await untilHealthSays('disconnected');
    const found = performance.now();
    await sleep(1_000);
    expect(routesOf(readers.since(found))).toEqual([OPEN]);
    await readers.until(before + size.reads / 4);

    await stage.follower.start();
    const back = await untilItServes();
    await untilAllAreServed();
    await readers.until(size.reads);
    const reads = await readers.stop();
    row.none('failed reads', failuresOf(reads));
    row.atLeast('reads', reads.length, size.reads);
    row.atMost('slowest read', largest(reads.map(({ ms }) => ms)), 1_000 * size.patience, 'ms');
    row.atMost('serves again after it accepts', back, 3_000 * size.patience, 'ms');
    // One text for each of the two paths that are read: the totals are right whoever answers.
    expect(new Set(reads.map(({ text }) => text)).size).toBe(2);
    expect(routesBut(reads, ['follower ok', OPEN, RAMP, 'primary retry'])).toEqual([]);
  });

  it('a follower that hangs fails no read, and is used again', {
    timeout: timeLimit(size.frozenMs),
  }, async (context) => {
    const row = new FaultRow(context, `SIGSTOP it for ${size.frozenMs / 1_000} s`);
    const control = await HungPool.open(stage.follower.url);
    await signalServer(stage.follower, 'SIGSTOP');
    control.ask();
    const opened = await untilHealthSays('disconnected').catch((error) => {
      resumeServer(stage.follower);
      throw error;
    });
    try {
      const found = performance.now();
      await sleep(size.frozenMs - opened);
      expect(routesOf(readers.since(found))).toEqual([OPEN]);
      const { waiting, callers } = control;
      row.control(
        'no socket destruction',
        `${waiting} of ${callers} callers of a pg pool still wait`,
        waiting === callers,
      );
    } finally {
      resumeServer(stage.follower);
      await control.end();
    }
    const back = await untilItServes();
    await untilAllAreServed();
    const reads = await readers.stop();
    row.none('failed reads', failuresOf(reads));
    row.atMost('OPEN after', opened, 1_500 * size.patience, 'ms');
    row.atMost('slowest read', largest(reads.map(({ ms }) => ms)), 2_000 * size.patience, 'ms');
    row.note('serves again after it goes on', back, 'ms');
    expect(new Set(reads.map(({ text }) => text)).size).toBe(2);
  });

  it('a follower that is restarted at once fails no read', async (context) => {
    const row = new FaultRow(context, 'fast restart; terminate all its backends');
    await stage.follower.stop('fast');
    await stage.follower.start();
    await untilItServes();
    await untilAllAreServed();
    row.none('failed reads in a fast restart', failuresOf(await readers.stop()));
  });

  it('connections that the follower’s operator ends fail no read, and don’t make it a lost one', async (context) => {
    const row = new FaultRow(context, 'fast restart; terminate all its backends');
    let ended = 0;
    for (let round = 0; round < 5; round += 1) {
      // On a busy machine it takes the API a moment to have some again.
      await eventually(async () => {
        const { count } = await ask<{ count: number }>(
          stage.follower.url,
          "SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE application_name = 'tandem-follower'",
        );
        expect(count).toBeGreaterThan(0);
        ended += count;
      });
      await sleep(300);
    }
    await sleep(300);
    expect(await stage.health()).toMatchObject({ analytics_db: 'connected' });
    const reads = await readers.stop();
    row.none('failed reads when backends are terminated', failuresOf(reads));
    row.note('backends terminated', ended);
    expect(routesOf(reads.slice(-size.readers))).toEqual(['follower ok']);
    expect(routesBut(reads, ['follower ok', 'primary retry'])).toEqual([]);
  });
});

it('every change of state is logged once and counted, without an address', async () => {
  const changes = stage.api.logLines().filter(({ follower, to }) => follower !== undefined && to !== undefined);
  expect(changes.length).toBeGreaterThanOrEqual(4);
  expect(JSON.stringify(changes)).not.toContain(String(new URL(stage.follower.url).port));
  const { text } = await stage.api.call('GET', '/metrics');
  expect(text).toMatch(/^db_follower_transitions_total\{[^}]*from="(healthy|suspect)",to="open"/m);
  expect(text).toMatch(/^db_follower_transitions_total\{[^}]*from="open",to="ramp"/m);
  expect(text).toMatch(/^db_follower_transitions_total\{[^}]*from="ramp",to="healthy"/m);
  expect(text).toMatch(/^db_route_total\{[^}]*target="primary",reason="follower-open"/m);
});
