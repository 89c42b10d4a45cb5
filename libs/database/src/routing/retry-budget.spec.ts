import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from './retry-budget.js';

function takenAt(budget: RetryBudget, nowMs: number, tries: number): number {
  return Array.from({ length: tries }, () => budget.tryTake(nowMs)).filter(Boolean).length;
}

describe('the budget of retries', () => {
  test('covers a burst at once, also in the first moment, and no more', () => {
    expect(takenAt(new RetryBudget(), 1_000_000, 2000)).toBe(500);
  });

  test('comes back with time, up to its capacity', () => {
    const budget = new RetryBudget();
    takenAt(budget, 0, 2000);
    expect(takenAt(budget, 1000, 2000)).toBe(50);
    expect(takenAt(budget, 1010, 2000)).toBe(0);
    expect(takenAt(budget, 1020, 2000)).toBe(1);
    expect(takenAt(budget, 3_600_000, 2000)).toBe(500);
  });

  test('comes back with reads, a tenth each', () => {
    const budget = new RetryBudget();
    takenAt(budget, 0, 2000);
    for (let read = 0; read < 105; read += 1) budget.noteRead();
    expect(takenAt(budget, 0, 2000)).toBe(10);
  });

  test('does not save up more than its capacity', () => {
    const budget = new RetryBudget({ capacity: 3 });
    for (let read = 0; read < 1000; read += 1) budget.noteRead();
    expect(takenAt(budget, 3_600_000, 100)).toBe(3);
  });

  test('takes what it is told', () => {
    const budget = new RetryBudget({ capacity: 2, refillPerSecond: 0, shareOfReads: 1 });
    expect(takenAt(budget, 0, 10)).toBe(2);
    expect(takenAt(budget, 60_000, 10)).toBe(0);
    budget.noteRead();
    expect(takenAt(budget, 60_000, 10)).toBe(1);
  });

  test('a clock that seems to go back neither gives nor takes', () => {
    const budget = new RetryBudget({ shareOfReads: 0 });
    takenAt(budget, 10_000, 2000);
    expect(takenAt(budget, 9000, 10)).toBe(0);
    expect(takenAt(budget, 10_000, 10)).toBe(0);
    expect(takenAt(budget, 10_100, 10)).toBe(5);
  });

  test('a follower that fails every read costs the primary a share of the reads and a little per second', () => {
    const options = { capacity: 20, refillPerSecond: 5, shareOfReads: 0.1 };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 500 }), (pauses) => {
        const budget = new RetryBudget(options);
        let nowMs = 0;
        let retries = 0;
        for (const pause of pauses) {
          nowMs += pause;
          budget.noteRead();
          if (budget.tryTake(nowMs)) retries += 1;
        }
        expect(retries).toBeLessThanOrEqual(20 + pauses.length * 0.1 + (nowMs / 1000) * 5 + 1e-6);
      }),
    );
  });
});
