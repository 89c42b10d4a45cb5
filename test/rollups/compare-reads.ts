import type { SqlSession } from '@app/database';

const ORGANIZATIONS = 6;
const COUNTED = `SELECT (SELECT count(*) FROM customers WHERE organization_id = $1)::text AS total_customers,
  count(*)::text AS total_accounts, coalesce((SELECT avg(n) FROM (SELECT count(*) AS n FROM accounts
    WHERE organization_id = $1 AND customer_id IS NOT NULL GROUP BY customer_id) AS owned), 0)::float8 AS average,
  (SELECT coalesce(json_agg(json_build_array(status, n) ORDER BY status COLLATE "C"), '[]') FROM (
    SELECT status, count(*) AS n FROM accounts WHERE organization_id = $1 GROUP BY 1) AS by_status) AS statuses
  FROM accounts WHERE organization_id = $1`;
const KEPT = `SELECT total_customers::text, total_accounts::text, accounts_per_customer::float8 AS average, statuses
  FROM rollups_overview($1)`;

const CUSTOMER_COUNTED = `SELECT count(*)::text AS total_accounts, count(*) FILTER (WHERE status = 'active')::text AS active_accounts
  FROM accounts WHERE organization_id = $1 AND customer_id = $2`;
const CUSTOMER_KEPT = 'SELECT total_accounts::text, active_accounts::text FROM rollups_of_customer($1, $2)';

/** The last point of each total is what there is now: creations of the future are none. */
const SERIES = `SELECT metric, (SELECT value::text FROM rollups_series($1, metric, 'day', $2, NULL, NULL, 100) ORDER BY start DESC LIMIT 1)
  AS value FROM unnest(ARRAY['customers_total', 'accounts_total', 'accounts_active']) AS metric`;
const ZONES = ['UTC', 'Asia/Kathmandu', 'America/St_Johns'];

/** Asks what the routes of analytics ask, and counts the rows, on a session that is in one snapshot. Answers what differs. */
export async function compareReads(session: SqlSession, time: number): Promise<string[]> {
  const organization = 1 + (time % ORGANIZATIONS);
  const differences: string[] = [];
  const compare = (what: string, kept: unknown, counted: unknown): void => {
    const [a, b] = [JSON.stringify(kept), JSON.stringify(counted)];
    if (a !== b) differences.push(`${what} of ${organization}: ${a} instead of ${b}`);
  };
  const [kept] = await session.query<{ statuses: [string, number][] } & Record<string, string>>(KEPT, [organization]);
  const [counted] = await session.query(COUNTED, [organization]);
  compare('overview', kept, counted);
  const ids = await session.query<{ id: number }>(
    'SELECT id FROM customers WHERE organization_id = $1 ORDER BY id DESC LIMIT 3 OFFSET $2',
    [organization, time % 100],
  );
  for (const { id } of [...ids, { id: 1 + ((time * 7919) % 100_000) }]) {
    const values = [organization, id];
    compare(
      `customer ${id}`,
      await session.query(CUSTOMER_KEPT, values),
      await session.query(CUSTOMER_COUNTED, values),
    );
  }
  const active = kept?.statuses.find(([status]) => status === 'active')?.[1] ?? 0;
  const present = [kept?.total_customers, kept?.total_accounts, String(active)];
  const series = await session.query<{ value: string }>(SERIES, [organization, ZONES[time % ZONES.length]]);
  compare(
    'series',
    series.map(({ value }) => value),
    present,
  );
  return differences;
}
