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

/** Everything that belongs to somebody, and what was told of it. */
const OF_ORGANIZATIONS = [
  'accounts',
  'customers',
  'users',
  'daily_aggregates',
  'imports',
  'import_chunks',
  'import_rejects',
  'import_trials',
  'webhooks',
  'webhook_secrets',
  'webhook_progress',
  'webhook_deliveries',
  'jobs',
  'events',
  'opening_balances',
];

/**
 * Empties all tables. Ids of customers and accounts begin at 1 again; those of users and organizations go on, so that a
 * token from before names nobody. Tables that are not ours but refer to ours make this fail rather than lose rows.
 */
export async function clearTables(session: SqlSession): Promise<void> {
  const guards = await session.query<{ disable: string; enable: string }>(GUARDS);
  for (const { disable } of guards) await session.query(disable);
  await session.query('TRUNCATE accounts, customers RESTART IDENTITY');
  await session.query(`TRUNCATE ${OF_ORGANIZATIONS.join(', ')}, organizations`);
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
  await session.query(`DELETE FROM events WHERE entity IN ('customer', 'account', 'balance')`);
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
