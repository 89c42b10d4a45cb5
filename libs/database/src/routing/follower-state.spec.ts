import { describe, expect, test } from 'vitest';
import type { Verdict } from '../servers/server-watch.js';
import { FOLLOWER_STATES, type FollowerHealth, type FollowerState, isServing, nextHealth } from './follower-state.js';

const OURS = '7400000000000000001';
const SEEN = seen();
const REFUSED: Verdict = { kind: 'missed', isRefused: true, cause: 'ECONNREFUSED' };
const LATE: Verdict = { kind: 'missed', isRefused: false, cause: 'The server did not answer in time' };

function seen(sighting: { isInRecovery?: boolean; systemIdentifier?: string } = {}): Verdict {
  return { kind: 'seen', sighting: { isInRecovery: true, systemIdentifier: OURS, lsn: '0/3000148', ...sighting } };
}

function healthAfter(state: FollowerState, verdicts: Verdict[], expected: string | undefined = OURS): FollowerHealth {
  return verdicts.reduce<FollowerHealth>((health, verdict) => nextHealth(health, verdict, expected), {
    state,
    good: 0,
  });
}

describe('the state of a follower', () => {
  test.each<[FollowerState, Verdict, FollowerState]>([
    ['connecting', SEEN, 'healthy'],
    ['connecting', LATE, 'connecting'],
    ['connecting', REFUSED, 'connecting'],
    ['healthy', SEEN, 'healthy'],
    ['healthy', LATE, 'suspect'],
    ['healthy', REFUSED, 'open'],
    ['suspect', SEEN, 'healthy'],
    ['suspect', LATE, 'open'],
    ['suspect', REFUSED, 'open'],
    ['open', LATE, 'open'],
    ['role-changed', LATE, 'open'],
    ['role-changed', REFUSED, 'open'],
  ])('%s after %o is %s', (before, verdict, expected) => {
    expect(healthAfter(before, [verdict])).toEqual({ state: expected, good: 0 });
  });

  test.each<FollowerState>(['open', 'role-changed'])(
    '%s serves again only after three good probes in a row',
    (state) => {
      expect(healthAfter(state, [SEEN, SEEN]).state).toBe(state);
      expect(healthAfter(state, [SEEN, SEEN, SEEN])).toEqual({ state: 'healthy', good: 0 });
      expect(healthAfter(state, [SEEN, SEEN, LATE, SEEN, SEEN]).state).toBe('open');
      expect(healthAfter(state, [SEEN, SEEN, LATE, SEEN, SEEN, SEEN]).state).toBe('healthy');
    },
  );

  test.each(FOLLOWER_STATES.filter((state) => state !== 'absent'))(
    '%s does not survive an answer of a server that is no follower of this primary',
    (state) => {
      expect(healthAfter(state, [seen({ isInRecovery: false })]).state).toBe('role-changed');
      expect(healthAfter(state, [seen({ systemIdentifier: '7400000000000000002' })]).state).toBe('role-changed');
    },
  );

  test('good probes before a strange answer do not count towards coming back', () => {
    const stranger = seen({ systemIdentifier: '7400000000000000002' });
    expect(healthAfter('open', [SEEN, SEEN, stranger, SEEN, SEEN]).state).toBe('role-changed');
  });

  test('while the primary was never seen nobody can say whose follower it is, so it is not read yet', () => {
    const unknown = (verdict: Verdict) => nextHealth({ state: 'connecting', good: 0 }, verdict, undefined).state;
    expect(unknown(SEEN)).toBe('connecting');
    expect(unknown(seen({ isInRecovery: false }))).toBe('role-changed');
  });

  test('a follower without an address stays absent whatever is said of it', () => {
    for (const verdict of [SEEN, LATE, REFUSED, seen({ isInRecovery: false })]) {
      expect(healthAfter('absent', [verdict]).state).toBe('absent');
    }
  });

  test('one missed probe does not take reads away, everything worse does', () => {
    expect(FOLLOWER_STATES.filter(isServing)).toEqual(['healthy', 'suspect']);
  });
});
