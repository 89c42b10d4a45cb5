import { DomainError } from '@app/errors';
import { isDay } from './utc-day.js';

export const METRICS = [
  'customers_created',
  'customers_deleted',
  'customers_total',
  'accounts_created',
  'accounts_deleted',
  'accounts_total',
  'accounts_active',
] as const;
export type Metric = (typeof METRICS)[number];

export const INTERVALS = ['day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

export interface TimeSeriesRequest {
  metric: Metric;
  interval: Interval;
  /** By its IANA name. */
  timeZone: string;
  /** Inclusive; RFC 3339, or a day that begins in the zone; the beginning of the 30th day up to `to` where absent. */
  from?: string | undefined;
  /** Exclusive; now where absent. */
  to?: string | undefined;
}

/** What a caller asked for, unchecked. */
export interface AskedTimeSeries {
  metric?: string | undefined;
  interval?: string | undefined;
  time_zone?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Names of zones have no other letters; offsets and POSIX rules, which mean the opposite of what they seem to, do. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;
/** With the offsets that PostgreSQL knows: below 16 hours. */
const MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-5]):[0-5]\d)$/i;

/** @throws DomainError `validation_failed` naming every parameter that can't be used. */
export function parseTimeSeries(asked: AskedTimeSeries): TimeSeriesRequest {
  const { metric, interval = 'day', time_zone: timeZone = 'UTC', from, to } = asked;
  const problems: [string, string][] = [];
  if (!isOneOf(METRICS, metric)) problems.push(['metric', `metric must be one of ${METRICS.join(', ')}`]);
  if (!isOneOf(INTERVALS, interval)) problems.push(['interval', `interval must be one of ${INTERVALS.join(', ')}`]);
  if (!isZone(timeZone)) problems.push(['time_zone', 'time_zone must be a name such as Europe/Berlin']);
  for (const [field, value] of Object.entries({ from, to })) {
    if (value === undefined || isDay(value) || isMoment(value)) continue;
    problems.push([field, `${field} must be a time such as 2026-11-21T00:00:00Z or a day such as 2026-11-21`]);
  }
  if (problems.length > 0) throw invalidSeries(problems);
  return {
    metric: metric as Metric,
    interval: interval as Interval,
    timeZone,
    from: from?.toUpperCase(),
    to: to?.toUpperCase(),
  };
}

/** The refusal that names these fields, with what is wrong with each. */
export function invalidSeries(problems: [field: string, message: string][], cause?: unknown): DomainError {
  const fields = problems.map(([field, message]) => ({ field, code: 'invalid', message }));
  return new DomainError('validation_failed', problems[0]?.[1] ?? 'The request is not valid', { fields, cause });
}

function isOneOf(names: readonly string[], value: string | undefined): boolean {
  return value !== undefined && names.includes(value);
}

function isMoment(text: string): boolean {
  const day = MOMENT.exec(text)?.[1];
  return day !== undefined && isDay(day);
}

function isZone(name: string): boolean {
  if (name.length > 64 || !ZONE_NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
