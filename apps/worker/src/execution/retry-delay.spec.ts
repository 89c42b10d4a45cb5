import { describe, expect, test } from 'vitest';
import { retryDelay } from './retry-delay.js';

describe('retryDelay', () => {
  test('doubles with every failure and stays at ten seconds', () => {
    const delays = [1, 2, 3, 4, 5, 6, 1_000].map((failures) => retryDelay(failures, 0));

    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  test('takes up to a half off at random', () => {
    expect(retryDelay(2, 1)).toBe(1_000);
    expect(retryDelay(2, 0.5)).toBe(1_500);
  });
});
