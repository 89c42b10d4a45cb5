import { DomainError } from '@app/errors';
import { describe, expect, test } from 'vitest';
import { type AskedTimeSeries, METRICS, parseTimeSeries } from './time-series-request.js';

/** The fields that are refused. */
function refusedFields(asked: AskedTimeSeries): string[] {
  try {
    parseTimeSeries(asked);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    return (error as DomainError).fields?.map(({ field }) => field) ?? [];
  }
}

const metric = 'accounts_total';

describe('a time series that is asked for', () => {
  test('is of days in UTC unless told otherwise', () => {
    expect(parseTimeSeries({ metric })).toEqual({ metric, interval: 'day', timeZone: 'UTC' });
  });

  test.each(METRICS)('may be of %s', (each) => {
    expect(parseTimeSeries({ metric: each, interval: 'month' })).toMatchObject({ metric: each, interval: 'month' });
  });

  test.each([
    '2026-02-28',
    '2024-02-29',
    '2026-11-21T00:00:00Z',
    '2026-11-21T23:59:59.123456+05:30',
    '2026-11-21t00:00z',
    '2026-11-21T00:00:00-11:00',
  ])('takes %s as a time', (time) => {
    expect(parseTimeSeries({ metric, from: time, to: time })).toMatchObject({
      from: time.toUpperCase(),
      to: time.toUpperCase(),
    });
  });

  test.each([
    '',
    'yesterday',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-11-21T24:00:00Z',
    '2026-11-21T00:00:00',
    '2026-11-21T00:00:00+16:00',
    '2026-11-21 00:00:00Z',
    "2026-11-21'; SELECT 1",
  ])('refuses “%s” as one', (time) => {
    expect(refusedFields({ metric, from: time, to: time })).toEqual(['from', 'to']);
  });

  test.each(['Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC'])(
    'takes %s as a zone',
    (zone) => {
      expect(parseTimeSeries({ metric, time_zone: zone }).timeZone).toBe(zone);
    },
  );

  test.each(['', 'Mars/Olympus', '+05:30', '<+03>-3', 'Europe/Berlin/', 'a'.repeat(65)])(
    'refuses “%s” as one',
    (zone) => {
      expect(refusedFields({ metric, time_zone: zone })).toEqual(['time_zone']);
    },
  );

  test('names everything that is wrong at once', () => {
    const asked = { metric: 'revenue', interval: 'year', time_zone: 'nowhere', from: 'x', to: 'y' };
    expect(refusedFields(asked)).toEqual(['metric', 'interval', 'time_zone', 'from', 'to']);
    expect(refusedFields({})).toEqual(['metric']);
  });
});
