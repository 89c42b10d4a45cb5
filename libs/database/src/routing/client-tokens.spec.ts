import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { IDLE_SYSTEM, type IdleRouting, idleRouting } from '../../../../test/support/idle-routing.js';
import type { WalPosition } from '../positions/consistency-token.js';
import { RequestReads } from './request-reads.js';

const at = (lsn: bigint, differences: Partial<WalPosition> = {}): WalPosition => ({
  ...IDLE_SYSTEM,
  lsn,
  ...differences,
});

function reading(token: WalPosition | undefined): RequestReads {
  const reads = new RequestReads();
  reads.token = token;
  return reads;
}

let routing: IdleRouting;
beforeEach(() => {
  vi.useFakeTimers();
  routing = idleRouting(1);
});
afterEach(() => {
  vi.advanceTimersByTime(50);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a token of another history', () => {
  test.each<[string, Partial<WalPosition>]>([
    ['before a promotion', { timeline: 9 }],
    ['of another system', { systemId: '7400000000000000002' }],
  ])('(%s) counts for nothing, which is told and counted once', async (_case, differences) => {
    routing.primarySeen();
    const reads = reading(at(1n, differences));
    routing.tokens.settle(reads);
    routing.tokens.settle(reads);
    expect(reads).toMatchObject({ token: undefined, isReset: true, mustHold: undefined, isExplicit: true });
    expect(await routing.tokenChecks()).toEqual({ reset: 1 });
  });

  test('is nobody’s before the primary was seen', () => {
    const reads = reading(at(1n, { timeline: 9 }));
    routing.tokens.settle(reads);
    expect(reads.isReset).toBe(false);
    expect(routing.tokens.ofThisHistory(reads.token)).toBe(reads.token);
    routing.primarySeen();
    routing.tokens.settle(reads);
    expect(reads.isReset).toBe(true);
  });

  test('is still one while the primary is away', () => {
    routing.primarySeen();
    routing.primaryMissed();
    const reads = reading(at(1n, { timeline: 9 }));
    routing.tokens.settle(reads);
    expect(reads.isReset).toBe(true);
  });

  test('is no token of today, nor one where there is none', () => {
    routing.primarySeen();
    for (const reads of [reading(at(100n)), reading(undefined)]) {
      const before = reads.token;
      routing.tokens.settle(reads);
      expect(reads).toMatchObject({ token: before, isReset: false });
    }
    expect(() => routing.tokens.settle(undefined)).not.toThrow();
  });

  test('makes a position one that cannot be compared', () => {
    routing.primarySeen();
    expect(routing.tokens.ofThisHistory(at(5n))).toEqual(at(5n));
    expect(routing.tokens.ofThisHistory(at(5n, { timeline: 2 }))).toBeUndefined();
    expect(routing.tokens.ofThisHistory(undefined)).toBeUndefined();
  });
});

describe('a token beyond what the primary tells', () => {
  test('is dropped and counted', async () => {
    routing.primarySeen();
    const reads = reading(at(101n));
    routing.tokens.compare(reads, at(100n));
    expect(reads.token).toBeUndefined();
    expect(reads.isReset).toBe(false);
    expect(await routing.tokenChecks()).toEqual({ 'beyond-primary': 1 });
  });

  test.each<[string, WalPosition | undefined]>([
    ['at it', at(101n)],
    ['before it', at(999n)],
    ['and nothing is told', undefined],
  ])('stays where it lies %s', (_case, primary) => {
    const reads = reading(at(101n));
    routing.tokens.compare(reads, primary);
    expect(reads.token).toEqual(at(101n));
  });
});

describe('a token beyond what is known of the primary', () => {
  const LIMIT_MS = 50;

  /** Asks, and says whether the answer has come. */
  function asking(reads: RequestReads) {
    const outcome = { isSettled: false };
    void routing.tokens.dropIfBeyond(reads, LIMIT_MS).then(() => {
      outcome.isSettled = true;
    });
    return outcome;
  }

  test('is kept when a look that was begun after the question finds the log there', async () => {
    routing.primarySeen();
    const reads = reading(at(150n));
    const begunBefore = performance.now() - 1;
    const outcome = asking(reads);
    routing.primarySeen({ lsn: 120n, askedAt: begunBefore });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.isSettled).toBe(false);
    routing.primarySeen({ lsn: 150n });
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.isSettled).toBe(true);
    expect(reads.token).toEqual(at(150n));
  });

  test('is dropped when that look does not', async () => {
    routing.primarySeen();
    const reads = reading(at(150n));
    asking(reads);
    routing.primarySeen({ lsn: 149n });
    await vi.advanceTimersByTimeAsync(0);
    expect(reads.token).toBeUndefined();
    expect(await routing.tokenChecks()).toEqual({ 'beyond-primary': 1 });
  });

  test('costs no look where it is not beyond', async () => {
    routing.primarySeen();
    const outcome = asking(reading(at(100n)));
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.isSettled).toBe(true);
  });

  test('is kept while the primary is away, and when it goes away meanwhile', async () => {
    const reads = reading(at(150n));
    await routing.tokens.dropIfBeyond(reads, LIMIT_MS);
    routing.primarySeen();
    const outcome = asking(reads);
    routing.primaryMissed();
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(outcome.isSettled).toBe(true);
    expect(reads.token).toEqual(at(150n));
  });

  test('is kept when no look comes back in time: what was written since the last one is not known', async () => {
    routing.primarySeen();
    const reads = reading(at(150n));
    const outcome = asking(reads);
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect(outcome.isSettled).toBe(true);
    expect(reads.token).toEqual(at(150n));
  });
});
