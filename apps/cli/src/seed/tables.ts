import type { SqlSession } from '@app/database';

/** Nobody has entered anything yet. Organizations don't count: they come with users. */
export async function isEmpty(session: SqlSession): Promise<boolean> {
  const [row] = await session.query<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM customers) AND NOT EXISTS (SELECT FROM users) AS "empty"',
  );
  return row?.empty ?? false;
}

/** Triggers that refuse TRUNCATE, because nothing would count what is lost: here everything is, the counts too. */
const GUARDS = `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS disable,
    format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname) AS enable
  FROM pg_trigger WHERE tgrelid IN ('customers'::regclass, 'accounts'::regclass)
    AND tgname LIKE 'rollups\\_%\\_truncated'`;

/**
 * Empties all tables. Ids of customers and accounts begin at 1 again; those of users and organizations go on, so that a
 * token from before names nobody. Tables that are not ours but refer to ours make this fail rather than lose rows.
 */
export async function clearTables(session: SqlSession): Promise<void> {
  const guards = await session.query<{ disable: string; enable: string }>(GUARDS);
  for (const { disable } of guards) await session.query(disable);
  await session.query('TRUNCATE accounts, customers RESTART IDENTITY');
  await session.query('TRUNCATE accounts, customers, jobs, daily_aggregates, users, organizations');
  await session.query('TRUNCATE events, opening_balances');
  await clearRollups(session);
  for (const { enable } of guards) await session.query(enable);
}

async function clearRollups(session: SqlSession): Promise<void> {
  await session.query('TRUNCATE rollup_deltas, organization_totals, status_totals, customer_totals, flow_totals');
}

/**
 * Counts all rows anew and forgets what was counted and logged before, also of rows that are gone. To be called in the transaction that
 * has kept others from the tables since before the rows came.
 */
export async function refillRollups(session: SqlSession): Promise<void> {
  await clearRollups(session);
  await session.query('SELECT rollups_fill_totals(), rollups_fill_flows()');
  await session.query(`DELETE FROM events WHERE entity IN ('customer', 'account')`);
  await session.query('SELECT change_log_open_balances()');
}

/** After many rows have come: so that index-only scans and good plans need not wait for autovacuum. Not in a transaction. */
export async function vacuumTables(session: SqlSession): Promise<void> {
  await session.query('VACUUM (ANALYZE) customers, accounts, customer_totals, flow_totals');
}

/** What is there, in words. */
export async function countRows(session: SqlSession): Promise<string> {
  const [row] = await session.query<Record<string, string>>(
    `SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM accounts) AS accounts,
      (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM organizations) AS organizations`,
  );
  return Object.entries(row ?? {})
    .map(([table, count]) => `${count} ${table}`)
    .join(', ');
}
