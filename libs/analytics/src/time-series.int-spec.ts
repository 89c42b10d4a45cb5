import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RollupStage } from '../../../test/rollups/support/rollup-stage.js';
import { untilFollowerCaughtUp } from '../../../test/support/test-database.js';
import { AnalyticsService } from './analytics.service.js';
import { INTERVALS, METRICS } from './time-series-request.js';

let stage: RollupStage;
let service: AnalyticsService;
beforeAll(async () => {
  stage = await RollupStage.open();
  service = stage.context.get(AnalyticsService);
  await stage.sql(`INSERT INTO organizations (name) VALUES ('A'), ('B')`);
  await stage.sql(`INSERT INTO customers (organization_id, name, email, created_at)
    SELECT 1 + i % 2, 'C' || i, i || '@c', timestamp '2023-09-01 00:00' + i * interval '17 hours 41 minutes'
    FROM generate_series(1, 1500) i`);
  await stage.fold();
  await stage.sql(`INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
    SELECT c.organization_id, c.id, 'A', (ARRAY['active', 'inactive', 'pending'])[1 + i % 3], c.created_at + i * interval '9 days 3 hours'
    FROM customers c, generate_series(1, 3) i`);
  await stage.fold();
  await stage.sql('DELETE FROM customers WHERE id % 10 = 0');
  await stage.sql(`UPDATE accounts SET status = 'inactive' WHERE id % 7 = 0`);
  // The journal is what happened, kept by other means: the rows as they were created, and what came after.
  await stage.sql(`INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
    SELECT organization_id, id, 'late', 'active', '2024-10-27 00:59:59.999999' FROM customers WHERE id % 50 = 1`);
  await untilFollowerCaughtUp(stage.database);
});
afterAll(() => stage?.close());

/** The days of a zone by JavaScript's own calendar: when each local date is first seen, to the quarter of an hour. */
function dayStarts(timeZone: string, fromDay: string, toDay: string): { day: string; start: number }[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const starts: { day: string; start: number }[] = [];
  const end = Date.parse(`${toDay}T00:00:00Z`) + 36 * 3_600_000;
  for (let at = Date.parse(`${fromDay}T00:00:00Z`) - 36 * 3_600_000; at < end; at += 900_000) {
    const day = format.format(at);
    if (day !== starts.at(-1)?.day) starts.push({ day, start: at });
  }
  return starts.slice(1);
}

function bucketsOf(
  timeZone: string,
  interval: string,
  fromDay: string,
  toDay: string,
): { start: string; end: string }[] {
  const first = (day: string): boolean =>
    interval === 'day' || (interval === 'week' ? new Date(`${day}T00:00:00Z`).getUTCDay() === 1 : day.endsWith('-01'));
  const days = dayStarts(timeZone, shift(fromDay, -40), shift(toDay, 40));
  const begins = days.filter(({ day }) => first(day));
  const bounds = begins.map(({ start, day }, index) => ({ start, end: begins[index + 1]?.start ?? 0, day }));
  const from = days.find(({ day }) => day >= fromDay)?.start ?? 0;
  const to = days.find(({ day }) => day >= toDay)?.start ?? 0;
  return bounds
    .filter(({ start, end }) => end > from && start < to)
    .map(({ start, end }) => ({ start: iso(start), end: iso(end) }));
}

const shift = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

/** What a recount says, row by row: deletions and changes of the status are of just now, so they lie behind every range here. */
async function recount(metric: string, start: string, end: string): Promise<number> {
  const [table, what] = metric.split('_');
  const first = { created: [start, end], total: ['-infinity', end], active: ['-infinity', end], deleted: [end, end] }[
    what ?? ''
  ];
  const source =
    table === 'customers'
      ? `SELECT created_at FROM created_customers WHERE organization_id = 1`
      : `SELECT created_at FROM created_accounts WHERE organization_id = 1${what === 'active' ? " AND status = 'active'" : ''}`;
  const [row] = await stage.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM (${source}) x WHERE created_at >= $1::timestamptz AT TIME ZONE 'UTC' AND created_at < $2::timestamptz AT TIME ZONE 'UTC'`,
    first,
  );
  return row?.n ?? 0;
}

describe('a time series', () => {
  beforeAll(async () => {
    await stage.sql(`CREATE TABLE created_customers AS SELECT 1 + i % 2 AS organization_id,
        timestamp '2023-09-01 00:00' + i * interval '17 hours 41 minutes' AS created_at FROM generate_series(1, 1500) i`);
    await stage.sql(`CREATE TABLE created_accounts AS
      SELECT 1 + c % 2 AS organization_id, (ARRAY['active', 'inactive', 'pending'])[1 + i % 3] AS status,
        timestamp '2023-09-01 00:00' + c * interval '17 hours 41 minutes' + i * interval '9 days 3 hours' AS created_at
      FROM generate_series(1, 1500) c, generate_series(1, 3) i
      UNION ALL SELECT 1 + c % 2, 'active', '2024-10-27 00:59:59.999999' FROM generate_series(1, 1500) c WHERE c % 50 = 1 AND c % 10 <> 0`);
  });

  const ZONES = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'America/Havana',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'America/St_Johns',
  ];
  it.each(ZONES)('has the days of %s, and of each what a recount finds', async (timeZone) => {
    for (const [from, to] of [
      ['2024-03-05', '2024-04-10'],
      ['2024-10-25', '2024-11-06'],
    ] as const) {
      const expected = bucketsOf(timeZone, 'day', from, to);
      for (const metric of METRICS) {
        const { points } = await service.timeSeries(1, { metric, interval: 'day', time_zone: timeZone, from, to });
        expect(points.map(({ start }) => start)).toEqual(expected.map(({ start }) => start));
        for (const [index, { start, end }] of expected.entries()) {
          if (index % 5 !== 0) continue;
          expect({ metric, start, value: points[index]?.value }).toEqual({
            metric,
            start,
            value: await recount(metric, start, end),
          });
        }
      }
    }
  });

  it.each(INTERVALS)(
    'has whole intervals of a %s, also where the range begins in the middle of one',
    async (interval) => {
      for (const timeZone of ['UTC', 'America/Los_Angeles']) {
        const expected = bucketsOf(timeZone, interval, '2024-02-14', '2024-05-09');
        for (const metric of ['customers_created', 'accounts_total', 'accounts_active'] as const) {
          const asked = { metric, interval, time_zone: timeZone, from: '2024-02-14', to: '2024-05-09' };
          const { points } = await service.timeSeries(1, asked);
          expect(points.map(({ start }) => start)).toEqual(expected.map(({ start }) => start));
          for (const [index, { start, end }] of expected.entries()) {
            if (interval === 'day' && index % 9 !== 0) continue;
            expect({ metric, start, value: points[index]?.value }).toEqual({
              metric,
              start,
              value: await recount(metric, start, end),
            });
          }
        }
      }
    },
  );

  it('is the last thirty days unless told, today included, and its totals end with the present ones', async () => {
    const { points, interval, time_zone } = await service.timeSeries(1, { metric: 'accounts_total' });
    expect([interval, time_zone, points.length]).toEqual(['day', 'UTC', 30]);
    expect(points.at(-1)?.start).toBe(`${new Date().toISOString().slice(0, 10)}T00:00:00.000000Z`);
    const { total_accounts } = await service.overview(1);
    expect(points.at(-1)?.value).toBe(total_accounts);
    const active = await service.timeSeries(1, { metric: 'accounts_active', interval: 'week' });
    expect(active.points.at(-1)?.value).toBe((await service.overview(1)).active_accounts);
  });

  it('counts deletions and changes of the status on the day they happen', async () => {
    const value = async (metric: (typeof METRICS)[number]) =>
      (await service.timeSeries(1, { metric })).points.at(-1)?.value;
    const [counts] = await stage.sql<{ customers: number; accounts: number }>(
      `SELECT count(*) FILTER (WHERE id % 10 = 0 AND organization_id = 1)::int AS customers, 0 AS accounts FROM (
         SELECT i AS id, 1 + i % 2 AS organization_id FROM generate_series(1, 1500) i) x`,
    );
    expect(await value('customers_deleted')).toBe(counts?.customers);
    expect(await value('accounts_deleted')).toBe((counts?.customers ?? 0) * 3);
  });

  it('has no point for a day that a zone has left out', async () => {
    const asked = {
      metric: 'customers_total',
      time_zone: 'Pacific/Apia',
      from: '2011-12-28',
      to: '2012-01-02',
    } as const;
    const { points } = await service.timeSeries(1, asked);
    expect(points.map(({ start }) => start.slice(0, 13))).toEqual([
      '2011-12-28T10',
      '2011-12-29T10',
      '2011-12-30T10',
      '2011-12-31T10',
    ]);
  });

  it('is the same before and after its deltas are folded, on both servers', async () => {
    const ask = () =>
      service.timeSeries(2, { metric: 'accounts_created', from: '2023-12-01', to: '2026-01-01', interval: 'month' });
    const [before] = [await ask()];
    await stage.fold();
    await untilFollowerCaughtUp(stage.database);
    expect((await ask()).points).toEqual(before.points);
  });

  it.each([
    ['metric', { metric: 'accounts' }],
    ['metric', {}],
    ['interval', { interval: 'year' }],
    ['time_zone', { time_zone: 'Europe/Atlantis' }],
    ['time_zone', { time_zone: '+05:45' }],
    ['time_zone', { time_zone: "UTC'; SELECT 1" }],
    ['time_zone', { time_zone: 'Africa/Monrovia', from: '1960-01-01', to: '1960-02-01' }],
    ['from', { from: 'yesterday' }],
    ['from', { from: '2026-02-30' }],
    ['from', { from: '2026-02-01', to: '2026-02-01' }],
    ['from', { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
    ['from', { from: '0001-01-01' }],
    ['to', { to: '2026-01-01T25:00:00Z' }],
    ['to', { to: '2026-01-01 00:00:00' }],
  ])('refuses a %s that can not be: %j', async (field, asked) => {
    const metric = field === 'metric' ? {} : { metric: 'customers_total' };
    await expect(service.timeSeries(1, { ...metric, ...asked })).rejects.toMatchObject({
      code: 'validation_failed',
      fields: [expect.objectContaining({ field })],
    });
  });

  it('takes thousands of points', async () => {
    const { points } = await service.timeSeries(1, {
      metric: 'accounts_total',
      from: '2016-01-01',
      to: '2026-11-01',
      time_zone: 'Asia/Kolkata',
    });
    expect(points).toHaveLength(3957);
    expect(points.every(({ value }, index) => index === 0 || value >= (points[index - 1]?.value ?? 0))).toBe(true);
  });
});
