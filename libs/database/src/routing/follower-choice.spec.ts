import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IdleRouting, idleRouting } from '../../../../test/support/idle-routing.js';
import { type Choice, type FollowerChoice, isWorthWaiting, type Requirements } from './follower-choice.service.js';
import { ROUTE_REASONS } from './read-options.js';

const nameOf = (choice: Choice): string => ('follower' in choice ? choice.follower.name : choice.refusal);
const picks = (choice: FollowerChoice, times: number, requirements: Requirements = {}): string[] =>
  Array.from({ length: times }, () => nameOf(choice.pick(requirements)));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The primary and all followers were seen, at the same position. */
function serving(count: number): IdleRouting {
  const routing = idleRouting(count);
  routing.primarySeen();
  for (let index = 0; index < count; index += 1) routing.followerSeen(index);
  return routing;
}

/** Gone, and back again just now. */
function ramping(routing: IdleRouting, index: number): void {
  for (let miss = 0; miss < 2; miss += 1) routing.followerMissed(index);
  for (let look = 0; look < 3; look += 1) routing.followerSeen(index);
}

describe('which follower is taken', () => {
  test('none where there is none', () => {
    expect(picks(idleRouting(0).choice, 1)).toEqual(['follower-absent']);
  });

  test('one after the other', () => {
    expect(picks(serving(3).choice, 7)).toEqual([1, 2, 3, 1, 2, 3, 1].map((number) => `follower-${number}`));
  });

  test('the others in turn while one is away, which comes back as often as they', () => {
    const { choice, followerMissed, followerSeen } = serving(3);
    followerMissed(1);
    expect(picks(choice, 3)).toEqual(['follower-1', 'follower-2', 'follower-3']);
    followerMissed(1);
    expect(picks(choice, 4)).toEqual(['follower-1', 'follower-3', 'follower-1', 'follower-3']);
    for (let look = 0; look < 3; look += 1) followerSeen(1);
    vi.advanceTimersByTime(1_000);
    followerSeen(1);
    expect(picks(choice, 6).filter((name) => name === 'follower-2')).toHaveLength(2);
  });

  test('never the one that just failed', () => {
    const { choice } = serving(2);
    expect(picks(choice, 3, { except: new Set(['follower-1']) })).toEqual(Array(3).fill('follower-2'));
    expect(picks(serving(1).choice, 1, { except: new Set(['follower-1']) })).toEqual(['follower-open']);
  });

  test('one that ramps up in its share of the cases, which grows', () => {
    const routing = serving(1);
    ramping(routing, 0);
    const random = vi.spyOn(Math, 'random');
    const shareNow = (): number => {
      const outcomes = Array.from({ length: 100 }, (_, index) => {
        random.mockReturnValueOnce(index / 100);
        return nameOf(routing.choice.pick({}));
      });
      expect(new Set(outcomes).size).toBeLessThanOrEqual(2);
      expect(outcomes.every((name) => name === 'follower-1' || name === 'follower-ramp')).toBe(true);
      return outcomes.filter((name) => name === 'follower-1').length;
    };
    const shares = [shareNow()];
    vi.advanceTimersByTime(500);
    shares.push(shareNow());
    vi.advanceTimersByTime(500);
    routing.followerSeen(0);
    shares.push(shareNow());
    expect(shares).toEqual([25, 50, 100]);
  });

  test('one that ramps up in every case where there is nowhere else to go', () => {
    const routing = serving(1);
    ramping(routing, 0);
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    expect(picks(routing.choice, 1)).toEqual(['follower-ramp']);
    expect(picks(routing.choice, 1, { isOnly: true })).toEqual(['follower-1']);
    routing.primaryMissed();
    expect(picks(routing.choice, 1)).toEqual(['follower-1']);
  });

  test('another one instead of one that ramps up', () => {
    const routing = serving(2);
    ramping(routing, 0);
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    expect(picks(routing.choice, 3)).toEqual(Array(3).fill('follower-2'));
  });
});

describe('a position that the answer must hold', () => {
  test('is held by who has replayed up to it', () => {
    const { choice } = serving(1);
    expect([99n, 100n, 101n].map((lsn) => nameOf(choice.pick({ lsn })))).toEqual([
      'follower-1',
      'follower-1',
      'token-ahead',
    ]);
  });

  test('leads to the followers that hold it, past one that lags', () => {
    const { choice, followerSeen } = serving(3);
    followerSeen(0, { lsn: 200n });
    followerSeen(2, { lsn: 200n });
    expect(picks(choice, 4, { lsn: 150n })).toEqual(['follower-1', 'follower-3', 'follower-1', 'follower-3']);
    expect(picks(choice, 1, { lsn: 250n })).toEqual(['token-ahead']);
  });

  test('is held by nobody who has replayed nothing', () => {
    const { choice, followerSeen } = serving(1);
    followerSeen(0, { lsn: undefined });
    expect(picks(choice, 1, { lsn: 1n })).toEqual(['token-ahead']);
    expect(picks(choice, 1)).toEqual(['follower-1']);
  });
});

describe('an age that the answer must not have', () => {
  test('is counted from the last moment of which the follower holds everything', () => {
    const { choice, primarySeen, followerSeen } = serving(1);
    vi.advanceTimersByTime(100);
    expect([99, 100].map((maxStalenessMs) => nameOf(choice.pick({ maxStalenessMs })))).toEqual(['stale', 'follower-1']);
    primarySeen();
    expect(picks(choice, 1, { maxStalenessMs: 0 })).toEqual(['follower-1']);
    primarySeen({ lsn: 200n });
    vi.advanceTimersByTime(1_000);
    followerSeen(0);
    expect(picks(choice, 1, { maxStalenessMs: 999 })).toEqual(['stale']);
    expect(picks(choice, 1, { maxStalenessMs: 1_000 })).toEqual(['follower-1']);
  });

  test('is not met where no bound is known', () => {
    const { choice, followerSeen } = serving(1);
    followerSeen(0, { lsn: 99n });
    expect(picks(choice, 1, { maxStalenessMs: 86_400_000 })).toEqual(['stale']);
  });

  test('leads to the fresh ones of several followers', () => {
    const { choice, primarySeen, followerSeen } = serving(2);
    vi.advanceTimersByTime(500);
    primarySeen({ lsn: 200n });
    followerSeen(1, { lsn: 200n });
    expect(picks(choice, 3, { maxStalenessMs: 100 })).toEqual(Array(3).fill('follower-2'));
  });
});

describe('why no follower is taken', () => {
  test.each<[string, (routing: IdleRouting) => void, Requirements]>([
    ['follower-absent', () => undefined, {}],
    [
      'follower-open',
      ({ followerSeen, followerMissed }) => [followerSeen(0), followerMissed(0), followerMissed(0)],
      {},
    ],
    ['follower-role-changed', ({ followerSeen }) => followerSeen(0, { isInRecovery: false }), {}],
    ['follower-drained', ({ followers }) => followers.all[0]?.drain(true), {}],
    ['token-ahead', ({ followerSeen }) => followerSeen(0), { lsn: 101n }],
    ['token-ahead', ({ followerSeen }) => followerSeen(0), { lsn: 101n, maxStalenessMs: 0 }],
    ['stale', ({ followerSeen }) => followerSeen(0, { lsn: 1n }), { maxStalenessMs: 5 }],
  ])('is told: %s', (reason, happens, requirements) => {
    const routing = idleRouting(1);
    routing.primarySeen();
    happens(routing);
    expect(picks(routing.choice, 1, requirements)).toEqual([reason]);
  });

  test('is told of several by the one that came nearest to answering, in whatever order they stand', () => {
    for (const [lagging, drained, away] of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ] as const) {
      const { choice, followers, followerMissed } = serving(3);
      followerMissed(away);
      followerMissed(away);
      followers.all[drained]?.drain(true);
      expect(picks(choice, 1, { lsn: 101n })).toEqual(['token-ahead']);
      followers.all[lagging]?.drain(true);
      expect(picks(choice, 1, { lsn: 101n })).toEqual(['follower-open']);
    }
  });

  test('is worth waiting for only where the follower may catch up', () => {
    expect(ROUTE_REASONS.filter(isWorthWaiting)).toEqual(['token-ahead', 'stale']);
  });
});

describe('waiting for a follower', () => {
  /** The choice, once it is made, and how long it took. */
  function wait(routing: IdleRouting, requirements: Requirements, waitMs: number) {
    const startedAt = performance.now();
    const outcome: { made?: string; afterMs?: number } = {};
    void routing.choice.pickWithin(requirements, waitMs).then((choice) => {
      outcome.made = nameOf(choice);
      outcome.afterMs = performance.now() - startedAt;
    });
    return outcome;
  }

  afterEach(() => {
    vi.advanceTimersByTime(20);
    expect(vi.getTimerCount()).toBe(0);
  });

  /** But for the one look that follows each of the primary's. */
  function settled(count: number): IdleRouting {
    const routing = serving(count);
    vi.advanceTimersByTime(50);
    return routing;
  }

  test('ends with the look that finds it there', async () => {
    const routing = settled(1);
    const outcome = wait(routing, { lsn: 150n }, 50);
    await vi.advanceTimersByTimeAsync(20);
    routing.followerSeen(0, { lsn: 149n });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.made).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10);
    routing.followerSeen(0, { lsn: 150n });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toEqual({ made: 'follower-1', afterMs: 30 });
  });

  test('ends with its time, by the reason, and a millisecond later at most', async () => {
    const outcome = wait(settled(1), { lsn: 150n }, 50);
    await vi.advanceTimersByTimeAsync(49);
    expect(outcome.made).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2);
    expect(outcome).toEqual({ made: 'token-ahead', afterMs: 51 });
  });

  test.each([0, -7])('ends at once where %i ms are left', async (waitMs) => {
    const outcome = wait(settled(1), { lsn: 150n }, waitMs);
    await vi.advanceTimersByTimeAsync(2);
    expect(outcome.made).toBe('token-ahead');
  });

  test('ends with any of several followers', async () => {
    const routing = settled(3);
    const outcome = wait(routing, { lsn: 150n }, 50);
    routing.followerSeen(2, { lsn: 150n });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.made).toBe('follower-3');
  });

  test('ends when there is nothing left to wait for', async () => {
    const routing = settled(1);
    const outcome = wait(routing, { lsn: 150n }, 5_000);
    routing.followerMissed(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.made).toBeUndefined();
    routing.followerMissed(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.made).toBe('follower-open');
  });

  test('is each one’s own: who asks less goes first', async () => {
    const routing = settled(1);
    const [near, far] = [wait(routing, { lsn: 150n }, 90), wait(routing, { lsn: 250n }, 90)];
    routing.followerSeen(0, { lsn: 200n });
    await vi.advanceTimersByTimeAsync(0);
    expect([near.made, far.made]).toEqual(['follower-1', undefined]);
    routing.followerSeen(0, { lsn: 250n });
    await vi.advanceTimersByTimeAsync(0);
    expect(far.made).toBe('follower-1');
  });

  test('looks at once and every 10 ms for all who wait together, and no more when nobody does', async () => {
    const routing = settled(1);
    const looks = vi.spyOn(routing.followers, 'lookNow');
    wait(routing, { lsn: 150n }, 45);
    wait(routing, { lsn: 150n }, 45);
    expect(looks).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(45);
    expect(looks).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(200);
    expect(looks).toHaveBeenCalledTimes(5);
    wait(routing, { lsn: 150n }, 5);
    expect(looks).toHaveBeenCalledTimes(6);
  });
});

describe('an answer that is merely better than none', () => {
  test('is of the follower that is least behind', () => {
    const { choice, primarySeen, followerSeen } = serving(3);
    vi.advanceTimersByTime(100);
    primarySeen({ lsn: 200n });
    followerSeen(1, { lsn: 200n });
    followerSeen(2, { lsn: 1n });
    expect(nameOf(choice.pickStale())).toBe('follower-2');
  });

  test('is of nobody who does not serve', () => {
    const { choice, followers, followerMissed } = serving(2);
    followers.all[0]?.drain(true);
    followerMissed(1);
    expect(nameOf(choice.pickStale())).toBe('follower-2');
    followerMissed(1);
    expect(nameOf(choice.pickStale())).toBe('follower-open');
  });
});
