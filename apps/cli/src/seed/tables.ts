import type { SqlSession } from '@app/database';

/** Nobody has entered anything yet. Organizations don't count: they come with users. */
export async function isEmpty(session: SqlSession): Promise<boolean> {
  const [row] = await session.query<{ empty: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM customers) AND NOT EXISTS (SELECT FROM users) AS "empty"',
  );
  return row?.empty ?? false;
}

/**
 * Empties all tables. Ids of customers and accounts begin at 1 again; those of users and organizations go on, so that a
 * token from before names nobody. Tables that are not ours but refer to ours make this fail rather than lose rows.
 */
export async function clearTables(session: SqlSession): Promise<void> {
  await session.query('TRUNCATE accounts, customers RESTART IDENTITY');
  await session.query('TRUNCATE accounts, customers, jobs, daily_aggregates, users, organizations');
}

/** After many rows have come: so that index-only scans and good plans need not wait for autovacuum. Not in a transaction. */
export async function vacuumTables(session: SqlSession): Promise<void> {
  await session.query('VACUUM (ANALYZE) customers, accounts');
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
