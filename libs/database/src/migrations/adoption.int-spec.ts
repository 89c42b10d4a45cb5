import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goSnapshot, makeGoDatabase, rowsOf, withClient } from '../../../../test/migrations/go-database.js';
import { schemaOf } from '../../../../test/migrations/odd-databases.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { runMigrations } from './index.js';

let database: TestDatabase;
let url: string;
beforeEach(async () => {
  database = await createTestDatabase();
  url = database.primaryUrl;
});
afterEach(() => database.drop());

describe('adoption of a database of the Go service', () => {
  it('keeps every row in its place, every id, sequence and microsecond, and fills only times that were NULL', async () => {
    await makeGoDatabase(url);
    const before = await goSnapshot(url);
    const remarks: string[] = [];
    await runMigrations(url, { onProgress: ({ text }) => remarks.push(text) });
    const after = await goSnapshot(url);
    const [organization] = await rowsOf<{ adopted: string }>(
      url,
      `SELECT (created_at AT TIME ZONE 'UTC')::text AS adopted FROM organizations`,
    );
    expect(after).toEqual(withTimesFilled(before, organization?.adopted ?? ''));
    expect(remarks).toContain(
      'Rows of customers: 2 had no created_at or no updated_at and got the present time there; 1 have no name; 2 have no email',
    );
    expect(remarks).toContain('Rows of users: 1 had no created_at and got the present time there');
  });

  it('makes all users admins of one organization and the one with the lowest id an operator', async () => {
    await makeGoDatabase(url);
    await runMigrations(url);
    const organizations = await rowsOf<{ id: number }>(url, 'SELECT id FROM organizations');
    expect(organizations).toHaveLength(1);
    const users = await rowsOf<{ id: number }>(
      url,
      'SELECT id, organization_id, role, is_operator FROM users ORDER BY id',
    );
    const lowest = users[0]?.id;
    expect(users.length).toBeGreaterThan(3);
    expect(users).toEqual(
      users.map(({ id }) => ({ id, organization_id: organizations[0]?.id, role: 'admin', is_operator: id === lowest })),
    );
    const strangers = 'WHERE organization_id IS DISTINCT FROM (SELECT id FROM organizations)';
    expect(await rowsOf(url, `SELECT id FROM customers ${strangers}`)).toEqual([]);
    expect(await rowsOf(url, `SELECT id FROM accounts ${strangers}`)).toEqual([]);
  });

  it('lets ids go on where the Go service stopped, and times default to UTC', async () => {
    await makeGoDatabase(url, { odd: false, customers: 3 });
    await rowsOf(url, `SELECT setval('customers_id_seq', 41)`);
    await runMigrations(url);
    const [row] = await rowsOf<{ id: number; lateness: number }>(
      url,
      `INSERT INTO customers (name, email, organization_id) SELECT 'New', 'new@example.com', id FROM organizations
        RETURNING id, abs(extract(epoch FROM created_at - now() AT TIME ZONE 'UTC'))::int AS lateness`,
    );
    expect(row).toEqual({ id: 42, lateness: 0 });
  });

  it.each([
    ['a constraint of another name', 'ALTER TABLE customers ADD CONSTRAINT "Uniq e-mail" UNIQUE (email)'],
    ['a bare unique index', 'CREATE UNIQUE INDEX idx_customers_email ON customers (email DESC NULLS LAST)'],
    [
      'a constraint of the name that ours has',
      'ALTER TABLE customers ADD CONSTRAINT customers_organization_email_key UNIQUE (email)',
    ],
    ['a partial index', `CREATE UNIQUE INDEX email_there ON customers (email) WHERE email <> ''`],
    [
      'two at once, one covering',
      'ALTER TABLE customers ADD UNIQUE (email); CREATE UNIQUE INDEX covering ON customers (email) INCLUDE (name)',
    ],
    [
      'one whose column is not the second',
      'ALTER TABLE customers ADD COLUMN note text; CREATE UNIQUE INDEX u ON customers (email)',
    ],
  ])('makes addresses unique per organization instead of everywhere: %s', async (_name, uniqueEmail) => {
    await makeGoDatabase(url, { uniqueEmail, customers: 5 });
    await runMigrations(url);
    await rowsOf(url, `INSERT INTO organizations (name) VALUES ('Other')`);
    const add = `INSERT INTO customers (name, email, organization_id) SELECT 'C', 'customer1@example.com', max(id) FROM organizations`;
    await rowsOf(url, add);
    await expect(rowsOf(url, add)).rejects.toMatchObject({
      code: '23505',
      constraint: 'customers_organization_email_key',
    });
  });

  it('leaves unique and other indexes on more than the address alone', async () => {
    await makeGoDatabase(url, {
      uniqueEmail: `ALTER TABLE customers ADD UNIQUE (email);
        CREATE UNIQUE INDEX both_columns ON customers (email, name);
        CREATE INDEX plain ON customers (email)`,
    });
    await runMigrations(url);
    const kept = await rowsOf(url, `SELECT indexname FROM pg_indexes WHERE indexname IN ('both_columns', 'plain')`);
    expect(kept).toHaveLength(2);
  });

  it('comes to the same schema from columns that are NOT NULL, from nullable ones and from nothing', async () => {
    const shapes = [{ columnRule: 'NOT NULL' }, { odd: false, timeDefault: '' }] as const;
    const schemas = [];
    for (const shape of shapes) {
      const each = await createTestDatabase();
      await makeGoDatabase(each.primaryUrl, shape);
      await runMigrations(each.primaryUrl);
      schemas.push(await schemaOf(each.primaryUrl));
      await each.drop();
    }
    await runMigrations(url);
    const fresh = await schemaOf(url);
    expect(schemas[0]).toEqual(fresh);
    expect(schemas[1]).toEqual(fresh);
  });

  it('makes no organization in an empty database, but one where there are customers without users', async () => {
    await runMigrations(url);
    expect(await rowsOf(url, 'SELECT id FROM organizations')).toEqual([]);
    const other = await createTestDatabase();
    await makeGoDatabase(other.primaryUrl, { users: 0, odd: false });
    await runMigrations(other.primaryUrl);
    expect(await rowsOf(other.primaryUrl, 'SELECT id FROM organizations')).toHaveLength(1);
    await other.drop();
  });

  it('does not wake a trigger that keeps updated_at, and leaves it on', async () => {
    await makeGoDatabase(url);
    await rowsOf(
      url,
      `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';
        CREATE TRIGGER "Touch it" BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touch()`,
    );
    await runMigrations(url);
    const read = `SELECT updated_at::text FROM accounts WHERE name = 'No creation'`;
    expect(await rowsOf(url, read)).toEqual([{ updated_at: '2024-06-06 06:06:06.666666' }]);
    expect(await rowsOf(url, `SELECT tgenabled FROM pg_trigger WHERE tgname = 'Touch it'`)).toEqual([
      { tgenabled: 'O' },
    ]);
  });

  it('makes accounts go with their customer where the Go service had forgotten that', async () => {
    await makeGoDatabase(url, { odd: false });
    await rowsOf(
      url,
      `ALTER TABLE accounts DROP CONSTRAINT accounts_customer_id_fkey;
        ALTER TABLE accounts ADD CONSTRAINT weak FOREIGN KEY (customer_id) REFERENCES customers (id)`,
    );
    await runMigrations(url);
    await rowsOf(url, 'DELETE FROM customers WHERE id = 1');
    expect(await rowsOf(url, 'SELECT id FROM accounts WHERE customer_id = 1')).toEqual([]);
  });

  it.each([
    ['CREATE TABLE organizations (id int)', 'there is a table organizations already'],
    [
      'ALTER TABLE customers ALTER COLUMN created_at TYPE timestamptz',
      'customers.created_at is of type timestamp with time zone',
    ],
    ['ALTER TABLE accounts DROP COLUMN status', 'accounts has no column status'],
    ['ALTER TABLE accounts ALTER COLUMN id TYPE bigint', 'accounts.id is of type bigint'],
    ['ALTER TABLE users ADD COLUMN role text', 'users has a column role already'],
    ['ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people', 'users is no ordinary table'],
  ])('refuses tables that are not the Go service’s and changes nothing: %s', async (change, problem) => {
    await makeGoDatabase(url);
    await rowsOf(url, change);
    const before = await schemaOf(url);
    await expect(runMigrations(url)).rejects.toThrow(problem);
    const after = await schemaOf(url);
    expect(after.constraints).toEqual(expect.arrayContaining(before.constraints ?? []));
    expect(await rowsOf(url, 'SELECT name FROM tandem_migrations')).toEqual([]);
  });

  it('says which addresses are there twice where the Go service had not kept them unique, and changes nothing', async () => {
    await makeGoDatabase(url, { uniqueEmail: 'SELECT 1', odd: false });
    await rowsOf(url, `INSERT INTO customers (name, email) VALUES ('Twin', 'customer1@example.com')`);
    await expect(runMigrations(url)).rejects.toMatchObject({
      driverError: { code: '23505', detail: expect.stringContaining('customer1@example.com') },
    });
    await withClient(url, async (client) => {
      await expect(client.query('SELECT organization_id FROM customers')).rejects.toMatchObject({ code: '42703' });
    });
  });
});

function withTimesFilled(snapshot: Record<string, unknown[]>, time: string): Record<string, unknown[]> {
  const fill = (row: unknown): unknown => {
    const { ctid, ...columns } = row as Record<string, unknown>;
    const isOdd = columns.created_at === null || columns.updated_at === null;
    const times = Object.fromEntries(
      ['created_at', 'updated_at'].filter((name) => columns[name] === null).map((name) => [name, time]),
    );
    return { ...columns, ...times, ...(ctid === undefined ? {} : { ctid: isOdd ? expect.any(String) : ctid }) };
  };
  return Object.fromEntries(
    Object.entries(snapshot).map(([name, rows]) => [
      name,
      ['sequences', 'notes'].includes(name) ? rows : rows.map(fill),
    ]),
  );
}
