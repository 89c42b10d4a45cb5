import { describe, expect, test } from 'vitest';
import { isDay, utcDay } from './utc-day.js';

describe('days in UTC', () => {
  test('begin and end with midnight in UTC', () => {
    expect(utcDay(new Date('2026-11-22T00:00:00.000Z'))).toBe('2026-11-22');
    expect(utcDay(new Date('2026-11-22T23:59:59.999Z'))).toBe('2026-11-22');
    expect(utcDay(new Date('2026-03-01T00:10:00Z'), -1)).toBe('2026-02-28');
    expect(utcDay(new Date('2026-12-31T12:00:00Z'), 1)).toBe('2027-01-01');
  });

  test.each(['2026-11-22', '2024-02-29', '0001-01-01', '9999-12-31'])('%s is a day', (text) => {
    expect(isDay(text)).toBe(true);
  });

  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '0000-01-01',
    '',
    'yesterday',
    '2026-11-22T00:00:00Z',
    ' 2026-11-22',
  ])('%j is none', (text) => {
    expect(isDay(text)).toBe(false);
  });
});
