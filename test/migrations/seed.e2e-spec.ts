import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { runCommandLine } from './command-line.js';
import { rowsOf } from './go-database.js';
import { schemaOf } from './odd-databases.js';

let database: TestDatabase;
let url: string;
let environment: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  url = database.primaryUrl;
  environment = { DATABASE_URL: url };
  expect((await runCommandLine(['migrate'], environment)).code).toBe(0);
});
beforeEach(async () => {
  const tables = 'accounts, customers, jobs, daily_aggregates, users, organizations';
  const rollups = 'rollup_deltas, organization_totals, status_totals, customer_totals, flow_totals';
  // A replica's session fires no triggers, so none refuses.
  await rowsOf(url, `SET session_replication_role = replica; TRUNCATE ${tables}, ${rollups} RESTART IDENTITY CASCADE`);
});
afterAll(() => database.drop());

describe('seed', () => {
  it('plants sample data and an administrator in an empty database, once', async () => {
    const first = await runCommandLine(['seed'], environment);
    expect(first).toMatchObject({ code: 0, error: '' });
    expect(first.out).toContain('Seeded 36 sample customers');
    const planted = await contents();
    expect(planted.organizations).toEqual([{ name: 'Sample' }]);
    expect(planted.users).toEqual([
      { username: 'admin', role: 'admin', is_operator: true, hash: '$argon2id$v=19$m=19456,t=2,p=1$' },
    ]);
    expect(planted.counts).toEqual([{ customers: 36, accounts: 107, statuses: 4, strangers: 0, futures: 0 }]);
    const second = await runCommandLine(['seed'], environment);
    expect(second).toMatchObject({ code: 0, out: 'The database is not empty: nothing was seeded\n' });
    expect(await contents()).toEqual(planted);
  });

  it('of two at once lets one plant and the other find that it has', async () => {
    const outcomes = await Promise.all([runCommandLine(['seed'], environment), runCommandLine(['seed'], environment)]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect((await contents()).counts).toMatchObject([{ customers: 36 }]);
  });

  it('makes no administrator in production without a password for one, and the given one with it', async () => {
    const production = { ...environment, NODE_ENV: 'production', SEED_DATA: 'true' };
    const without = await runCommandLine(['seed'], production);
    expect(without.code).toBe(0);
    expect(without.out).toContain('No administrator was made');
    expect((await contents()).users).toEqual([]);
    expect(
      (await runCommandLine(['reseed', '--yes', '--force'], { ...production, SEED_ADMIN_PASSWORD: 's3cret!' })).code,
    ).toBe(0);
    expect((await contents()).users).toHaveLength(1);
  });

  it('plants nothing in production unless asked to', async () => {
    const outcome = await runCommandLine(['seed'], { ...environment, NODE_ENV: 'production' });
    expect(outcome).toMatchObject({ code: 0, error: '' });
    expect((await contents()).organizations).toEqual([]);
  });

  it('generates the big set in the wanted size, times ascending with ids, statuses in proportion', async () => {
    const big = {
      ...environment,
      SEED_PERFORMANCE_DATA: 'true',
      SEED_CUSTOMERS: '12000',
      SEED_ACCOUNTS_PER_CUSTOMER: '4',
    };
    const schema = await schemaOf(url);
    const outcome = await runCommandLine(['seed'], big);
    expect(outcome).toMatchObject({ code: 0, error: '' });
    expect(await schemaOf(url)).toEqual(schema);
    expect((await contents()).counts).toEqual([
      { customers: 12_000, accounts: 48_000, statuses: 4, strangers: 0, futures: 0 },
    ]);
    const descending = (table: string) =>
      `SELECT id FROM (SELECT id, created_at, lag(created_at) OVER (ORDER BY id) AS before FROM ${table}) x WHERE created_at < before`;
    expect(await rowsOf(url, descending('customers'))).toEqual([]);
    expect(await rowsOf(url, descending('accounts'))).toEqual([]);
    expect(await rowsOf(url, 'SELECT customer_id FROM accounts GROUP BY 1 HAVING count(*) <> 4')).toEqual([]);
    const [share] = await rowsOf<{ active: number }>(
      url,
      `SELECT round(100.0 * count(*) FILTER (WHERE status = 'active') / count(*))::int AS active FROM accounts`,
    );
    expect(share?.active).toBeGreaterThan(65);
    expect(share?.active).toBeLessThan(75);
    expect((await runCommandLine(['seed'], big)).out).toContain('The database is not empty');
  });

  it('leaves an empty database when it is killed, so that it can be run again', async () => {
    const big = { ...environment, SEED_PERFORMANCE_DATA: 'true', SEED_CUSTOMERS: '20000' };
    const killed = await runCommandLine(['seed'], big, {
      onLine: (line, child) => line.startsWith('Seeding') && child.kill('SIGKILL'),
    });
    expect(killed.code).toBeNull();
    expect((await contents()).organizations).toEqual([]);
    expect((await runCommandLine(['seed'], { ...big, SEED_CUSTOMERS: '100' })).out).toContain('Seeded them');
  });

  it('asks for a migration first', async () => {
    const empty = await createTestDatabase();
    const outcome = await runCommandLine(['seed'], { DATABASE_URL: empty.primaryUrl });
    expect(outcome).toMatchObject({ code: 1, error: expect.stringContaining('npm run migrate') });
    await empty.drop();
  });
});

describe('reseed', () => {
  it('deletes everything and plants anew when told yes, ids from 1', async () => {
    await runCommandLine(['seed'], environment);
    await rowsOf(url, `UPDATE customers SET name = 'Changed'`);
    const outcome = await runCommandLine(['reseed', '--yes'], environment);
    expect(outcome).toMatchObject({ code: 0, error: '' });
    expect(outcome.out).toContain('Deleting 36 customers, 107 accounts, 1 users, 1 organizations');
    expect(await rowsOf(url, `SELECT min(id), max(id) FROM customers WHERE name <> 'Changed'`)).toEqual([
      { min: 1, max: 36 },
    ]);
  });

  it('does nothing without a terminal to ask on, nor in production without --force', async () => {
    await runCommandLine(['seed'], environment);
    const before = await contents();
    const unasked = await runCommandLine(['reseed'], environment);
    expect(unasked).toMatchObject({ code: 1, error: expect.stringContaining('--yes') });
    const forbidden = await runCommandLine(['reseed', '--yes'], { ...environment, NODE_ENV: 'production' });
    expect(forbidden).toMatchObject({ code: 1, error: expect.stringContaining('--force') });
    expect(await contents()).toEqual(before);
  });

  it('deletes nothing when a table that is not ours refers to what it would delete', async () => {
    await runCommandLine(['seed'], environment);
    await rowsOf(url, 'CREATE TABLE remarks (customer_id int REFERENCES customers)');
    const outcome = await runCommandLine(['reseed', '--yes'], environment);
    expect(outcome).toMatchObject({ code: 1, error: expect.stringContaining('remarks') });
    await rowsOf(url, 'DROP TABLE remarks');
    expect((await contents()).counts).toMatchObject([{ customers: 36 }]);
  });
});

async function contents(): Promise<Record<string, unknown[]>> {
  return {
    organizations: await rowsOf(url, 'SELECT name FROM organizations'),
    users: await rowsOf(url, 'SELECT username, role, is_operator, left(password_hash, 31) AS hash FROM users'),
    counts: await rowsOf(
      url,
      `SELECT (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM accounts) AS accounts,
        (SELECT count(DISTINCT status)::int FROM accounts) AS statuses,
        (SELECT count(*)::int FROM accounts a JOIN customers c ON c.id = a.customer_id
          WHERE a.organization_id <> c.organization_id) AS strangers,
        (SELECT count(*)::int FROM accounts WHERE greatest(created_at, updated_at) > now() AT TIME ZONE 'UTC') AS futures`,
    ),
  };
}
