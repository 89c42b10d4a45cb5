import { describe, expect, test } from 'vitest';
import { nextDelay } from './next-delay.js';

const HOUR_MS = 3_600_000;

describe('when a schedule is due again', () => {
  test('after its pause', () => {
    expect(nextDelay({ everyMs: 1_000 }, new Date())).toBe(1_000);
  });

  test.each([
    ['2026-11-25T00:00:00Z', 1],
    ['2026-11-25T01:00:00Z', 24],
    ['2026-11-25T23:00:00Z', 2],
    ['2026-12-31T23:30:00Z', 1.5],
  ])('at the next one o’clock, seen from %s', (now, hours) => {
    expect(nextDelay({ dailyAt: '01:00' }, new Date(now))).toBe(hours * HOUR_MS);
  });
});
