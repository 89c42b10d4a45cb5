import type pg from 'pg';
import type { PatientClient } from './patient-client.js';

const RECOUNT = `SELECT (SELECT count(*) FROM customers WHERE organization_id = $1)::int AS total_customers,
    count(*)::int AS total_accounts, count(*) FILTER (WHERE status = 'active')::int AS active_accounts,
    count(*) FILTER (WHERE status = 'inactive')::int AS inactive_accounts,
    coalesce(count(*)::float8 / nullif(count(DISTINCT customer_id), 0), 0) AS avg_accounts_per_customer
  FROM accounts WHERE organization_id = $1`;

/** Compares what the API says on either server with a recount; nobody may write meanwhile. */
export async function rollupDifferences(
  client: PatientClient,
  sql: pg.Pool,
  organizationId: number,
): Promise<string[]> {
  const { rows } = await sql.query<Record<string, number>>(RECOUNT, [organizationId]);
  const differences: string[] = [];
  const token = (await client.insist('GET', '/api/customers?limit=1')).headers['x-consistency-token'];
  for (const preference of ['primary', 'follower-preferred; wait=10000']) {
    const headers = { 'x-read-preference': preference, 'x-consistency-token': token };
    const answer = await client.insist('GET', '/api/analytics', { headers });
    const told = answer.json<Record<string, number>>();
    for (const [figure, counted] of Object.entries(rows[0] ?? {})) {
      if (Math.abs((told[figure] ?? Number.NaN) - counted) > 1e-9) {
        differences.push(`${answer.headers['x-db-route']}: ${figure} is ${counted}, told ${told[figure]}`);
      }
    }
  }
  return differences;
}
