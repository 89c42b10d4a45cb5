import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askFormula } from '../faults/controls/staleness-formulas.js';
import { FaultRow, largest } from '../faults/fault-row.js';
import { Heartbeat } from '../faults/heartbeat.js';
import { type AgeOfAnswer, ageOfAnswer, HEARTBEAT_READS } from '../faults/heartbeat-reads.js';
import { size, timeLimit } from '../faults/sizes.js';
import { freezeWalReceiver } from '../faults/walreceiver.js';
import { eventually } from '../support/eventually.js';
import { readMetrics } from './metrics.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const ASKED_BOUND_MS = 1_000;
const BOUND_OFF_BY_MS = 500;
const PAUSE_MS = 20;
/** How long a read may be under way. */
const UNDER_WAY_MS = 200;

let stage: RoutingStage;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(() => stage?.close());
beforeEach(async () => {
  await eventually(async () =>
    expect((await stage.call('GET', '/api/analytics')).headers['x-db-route']).toBe('follower'),
  );
});

/** Reads the heartbeat in every way, with the preference, until told to stop. */
function readHeartbeat(heartbeat: Heartbeat, preference: string, boundMs?: number) {
  const ages: AgeOfAnswer[] = [];
  const failures: string[] = [];
  let isStopped = false;
  const run = async (read: (typeof HEARTBEAT_READS)[number]): Promise<void> => {
    while (!isStopped) {
      const askedAt = performance.now();
      const headers = { 'x-read-preference': preference };
      const answer = await stage.call('GET', read.path(heartbeat.customerId), { headers });
      if (answer.status === 200) ages.push(ageOfAnswer(heartbeat, read, answer, askedAt, boundMs));
      else failures.push(`${answer.status} ${answer.text}`);
      await sleep(PAUSE_MS);
    }
  };
  const running = Promise.all(HEARTBEAT_READS.map(run));
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return { ages, failures };
    },
  };
}

const fromFollower = (ages: AgeOfAnswer[]) => ages.filter(({ route }) => route.startsWith('follower'));
const faultsOf = (ages: AgeOfAnswer[]) => ages.flatMap(({ fault }) => (fault === undefined ? [] : [fault]));

describe('the bound', () => {
  it.for([
    {
      fault: 'replay paused',
      hold: async () => {
        await pauseReplay(stage.follower.url);
        return () => resumeReplay(stage.follower.url);
      },
    },
    { fault: 'walreceiver stopped', hold: async () => freezeWalReceiver(stage.follower) },
  ])(
    '$fault: it tells the truth, and nothing beyond the bound asked is served',
    { timeout: timeLimit(2 * size.behindMs) },
    async ({ fault, hold }, context) => {
      const row = new FaultRow(context, `${fault} for ${size.behindMs / 1_000} s`);
      const heartbeat = await Heartbeat.start(stage.cluster.primary.url, stage.admin.organizationId);
      await stage.untilCaughtUp();
      const any = readHeartbeat(heartbeat, 'follower-preferred');
      const bounded = readHeartbeat(heartbeat, `follower-preferred; max-staleness=${ASKED_BOUND_MS}`, ASKED_BOUND_MS);
      await sleep(500);
      const release = await hold();
      let releasing = 0;
      try {
        await sleep(size.behindMs);
        if (fault === 'walreceiver stopped') {
          const read = await askFormula(stage.follower.url, 'receiveEqualsReplay');
          row.control('receive = replay → 0', `reads ${read} ms while ${size.behindMs} ms behind`, read === 0);
        }
      } finally {
        releasing = performance.now();
        await release();
      }
      const released = performance.now();
      await sleep(1_000 * size.patience);
      const [free, asked] = await Promise.all([any.stop(), bounded.stop()]);
      await heartbeat.stop();

      row.none('failed reads', [...free.failures, ...asked.failures]);
      row.none('older than claimed', faultsOf(free.ages));
      row.none(`older than the bound asked (${ASKED_BOUND_MS} ms)`, faultsOf(asked.ages));
      const followers = fromFollower(free.ages);
      expect(followers.length).toBeGreaterThan(20);
      expect(followers.filter(({ claimedMs }) => claimedMs === undefined)).toEqual([]);
      // Whoever catches up at a stroke is known to have done so at the next look.
      const steady = followers.filter(
        ({ askedAt }) => askedAt < releasing - UNDER_WAY_MS || askedAt > released + BOUND_OFF_BY_MS * size.patience,
      );
      const off = steady.map(({ claimedMs = 0, trueMs }) => Math.abs(claimedMs - trueMs));
      row.atMost('bound off the truth by', largest(off), BOUND_OFF_BY_MS * size.patience, 'ms');
      // The fault was really there: what nobody bounded grew as old as it lasted.
      row.atLeast('oldest answer', largest(free.ages.map(({ trueMs }) => trueMs)), size.behindMs - 500, 'ms');
      const routes = new Set(asked.ages.map(({ route }) => route));
      expect([...routes].sort()).toEqual(['follower ok', 'primary stale']);
    },
  );

  it('stays small while nothing is written', { timeout: timeLimit(size.idleMs) }, async (context) => {
    const row = new FaultRow(context, `primary idle for ${size.idleMs / 1_000} s`);
    await stage.untilCaughtUp();
    const routes = async () => (await readMetrics(stage.call)).value('db_route_total', { target: 'primary' });
    const [before, until] = [await routes(), performance.now() + size.idleMs];
    const claims: number[] = [];
    while (performance.now() < until) {
      const { headers } = await stage.call('GET', '/api/analytics', {
        headers: { 'x-read-preference': `follower-preferred; max-staleness=${ASKED_BOUND_MS}` },
      });
      claims.push(Number(headers['x-db-staleness-ms'] ?? Number.NaN));
      await sleep(50);
    }
    expect(claims.filter(Number.isNaN)).toEqual([]);
    row.atMost('bound', largest(claims), 500 * size.patience, 'ms');
    row.atMost('route changes', (await routes()) - before, 0);
    const read = await askFormula(stage.follower.url, 'lastTransaction');
    const shown = `reads ${(read / 1_000).toFixed(1)} s while caught up`;
    row.control('now() − pg_last_xact_replay_timestamp()', shown, read > size.idleMs / 2);
  });
});
