import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { givingUpAfter, MAX_ATTEMPTS, RETRY_DELAYS_MS, restDelay, retryDelay } from './retry-schedule.js';

const HOUR = 3_600_000;

describe('when a delivery is tried again', () => {
  test('ten times in a little more than three days', () => {
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);

    expect(RETRY_DELAYS_MS).toHaveLength(MAX_ATTEMPTS - 1);
    expect(total / HOUR).toBeGreaterThan(72);
    expect(total / HOUR).toBeLessThan(80);
    expect([...RETRY_DELAYS_MS].sort((a, b) => a - b)).toEqual(RETRY_DELAYS_MS);
  });

  test('a tenth more or less, at random', () => {
    expect(retryDelay(1, 1, 0)).toBe(4_500);
    expect(retryDelay(1, 1, 0.5)).toBe(5_000);
    expect(retryDelay(1, 1, 1)).toBe(5_500);
  });

  test('never after the last attempt', () => {
    expect(retryDelay(MAX_ATTEMPTS - 1)).toBeDefined();
    expect(retryDelay(MAX_ATTEMPTS)).toBeUndefined();
    expect(retryDelay(1_000)).toBeUndefined();
  });

  test('sooner in tests, by the same factor everywhere', () => {
    expect(retryDelay(2, 0.001, 0.5)).toBe(300);
    expect(restDelay(4, 0.001, 0.5)).toBe(300);
    expect(givingUpAfter(0.001)).toBeCloseTo(givingUpAfter() / 1_000);
  });
});

describe('how long an endpoint rests', () => {
  test('not at all after the first failures, then longer and longer, ten minutes at most', () => {
    const delays = [1, 2, 3, 4, 5, 6, 1_000].map((failures) => restDelay(failures, 1, 0.5));

    expect(delays).toEqual([0, 0, 5_000, 300_000, 600_000, 600_000, 600_000]);
  });

  test('never more than eleven minutes, whatever the chance', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        expect(restDelay(failures, 1, random)).toBeLessThanOrEqual(660_000);
      }),
    );
  });

  test('for days before it counts as given up, and less than a delivery is tried', () => {
    expect(givingUpAfter() / HOUR).toBeGreaterThan(48);
    expect(givingUpAfter() / HOUR).toBeLessThan(68);
  });
});
