import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MISS_CAUSES, type MissCause } from '../servers/miss-cause.js';
import type { ServerSighting } from '../servers/server-probe.js';
import {
  afterMiss,
  afterSighting,
  afterStranger,
  FIRST_HEALTH,
  FOLLOWER_STATES,
  type FollowerHealth,
  isServing,
  shareOfReads,
  startRamp,
  strangeness,
} from './follower-state.js';

type State = FollowerHealth['state'];

const SETTINGS = { goodProbesToReturn: 3, rampMs: 1_000 };
const STATES = FOLLOWER_STATES.filter((state): state is State => state !== 'absent' && state !== 'drained');
const PRIMARY = { systemId: '7400000000000000001', timeline: 4 };
const FOLLOWER: ServerSighting = {
  ...PRIMARY,
  isInRecovery: true,
  lsn: 0x3000148n,
  segmentSize: 16_777_216,
  askedAt: 1,
};

const at = (state: State): FollowerHealth => (state === 'ramp' ? startRamp(0) : { state, good: 0 });
const seen = (health: FollowerHealth, times: number, nowMs = 0): FollowerHealth =>
  Array.from({ length: times }).reduce<FollowerHealth>((before) => afterSighting(before, nowMs, SETTINGS), health);

describe('a follower that misses a probe', () => {
  test.each<[State, MissCause, State]>([
    ['connecting', 'no-answer', 'connecting'],
    ['connecting', 'refused', 'connecting'],
    ['healthy', 'no-answer', 'suspect'],
    ['healthy', 'closed', 'suspect'],
    ['healthy', 'not-postgres', 'suspect'],
    ['healthy', 'probe-failed', 'suspect'],
    ['healthy', 'refused', 'open'],
    ['suspect', 'no-answer', 'open'],
    ['suspect', 'refused', 'open'],
    ['ramp', 'no-answer', 'open'],
    ['open', 'no-answer', 'open'],
    ['role-changed', 'closed', 'open'],
  ])('%s (%s) is %s', (before, cause, after) => {
    expect(afterMiss(at(before), cause)).toEqual({ state: after, good: 0 });
  });

  test('is given up by the second one, whatever the two were', () => {
    for (const first of MISS_CAUSES) {
      for (const second of MISS_CAUSES) expect(afterMiss(afterMiss(at('healthy'), first), second).state).toBe('open');
    }
  });
});

describe('a follower that is seen', () => {
  test.each<State>(['connecting', 'healthy', 'suspect'])('and was %s serves fully at once', (state) => {
    expect(seen(at(state), 1)).toEqual({ state: 'healthy', good: 0 });
  });

  test.each<State>(['open', 'role-changed'])(
    'and was %s begins to serve with the third good probe in a row',
    (state) => {
      expect([1, 2, 3].map((times) => seen(at(state), times).state)).toEqual([state, state, 'ramp']);
      const interrupted = afterMiss(seen(at(state), 2), 'no-answer');
      expect(seen(interrupted, 2).state).toBe('open');
      expect(seen(interrupted, 3).state).toBe('ramp');
    },
  );

  test('with one good probe asked for ramps up at once', () => {
    expect(afterSighting(at('open'), 7, { ...SETTINGS, goodProbesToReturn: 1 })).toEqual(startRamp(7));
  });

  test('is healthy again when its ramp is over and not a moment before', () => {
    const ramp = startRamp(500);
    expect(afterSighting(ramp, 1_499, SETTINGS)).toBe(ramp);
    expect(afterSighting(ramp, 1_500, SETTINGS)).toEqual({ state: 'healthy', good: 0 });
  });

  test('and turns out to be a stranger loses all that it had gained', () => {
    expect(afterStranger()).toEqual({ state: 'role-changed', good: 0 });
    expect(seen(afterStranger(), 2).state).toBe('role-changed');
  });
});

describe('the share of reads', () => {
  test.each([
    [0, 0.25],
    [499, 0.25],
    [500, 0.5],
    [999, 0.5],
  ])('%i ms into a ramp of a second is %d', (nowMs, share) => {
    expect(shareOfReads(startRamp(0), nowMs, SETTINGS)).toBe(share);
  });

  test('is all or nothing otherwise, in accordance with whether reads may go there', () => {
    const all: State[] = ['healthy', 'suspect'];
    for (const state of STATES.filter((one) => one !== 'ramp')) {
      expect(shareOfReads(at(state), 0, SETTINGS)).toBe(all.includes(state) ? 1 : 0);
    }
    expect(FOLLOWER_STATES.filter(isServing)).toEqual(['healthy', 'suspect', 'ramp']);
  });

  test('grows only, for as long as a follower comes back without a miss', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(pauses, fc.constantFrom<State>('open', 'role-changed', 'ramp'), (times, first) => {
        let [health, now, share] = [at(first), 0, 0];
        for (const pause of times) {
          now += pause;
          health = afterSighting(health, now, SETTINGS);
          const next = shareOfReads(health, now, SETTINGS);
          expect(next).toBeGreaterThanOrEqual(share);
          share = next;
        }
      }),
    );
  });
});

test('whatever happens to a follower, it serves only when the last probes were good', () => {
  const events = fc.array(
    fc.constantFrom<MissCause | 'seen' | 'stranger'>('seen', 'seen', 'seen', 'stranger', ...MISS_CAUSES),
  );
  fc.assert(
    fc.property(events, (happened) => {
      let [health, misses, isStrange] = [FIRST_HEALTH, 0, false];
      for (const [index, event] of happened.entries()) {
        if (event === 'seen') health = afterSighting(health, index * 250, SETTINGS);
        else health = event === 'stranger' ? afterStranger() : afterMiss(health, event);
        misses = event === 'seen' || event === 'stranger' ? 0 : misses + 1;
        isStrange = event === 'stranger';
        if (misses >= 2 || event === 'refused' || isStrange) expect(isServing(health.state)).toBe(false);
      }
    }),
  );
});

describe('a server that answers', () => {
  test.each<[string, Partial<ServerSighting>, ReturnType<typeof strangeness>]>([
    ["is a follower of this primary's history", {}, undefined],
    ['was promoted', { isInRecovery: false, timeline: 5 }, 'not-in-recovery'],
    ['is the primary itself', { isInRecovery: false }, 'not-in-recovery'],
    ['follows one that was promoted', { timeline: 5 }, 'other-timeline'],
    ['stayed behind when this primary was promoted', { timeline: 3 }, 'other-timeline'],
    ['follows a primary of another system', { systemId: '7400000000000000002' }, 'other-system'],
    ['is a primary of another system', { systemId: '7400000000000000002', isInRecovery: false }, 'other-system'],
  ])('and %s', (_case, differences, strange) => {
    expect(strangeness({ ...FOLLOWER, ...differences }, PRIMARY)).toBe(strange);
  });
});
