import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RollupStage } from '../../../../test/rollups/support/rollup-stage.js';

let stage: RollupStage;
beforeAll(async () => {
  stage = await RollupStage.open();
  await stage.sql(`INSERT INTO organizations (name) VALUES ('A'), ('B'), ('C')`);
  await stage.sql(`SELECT setval('customers_id_seq', 100000), setval('accounts_id_seq', 100000)`);
  // What adopted databases may have.
  await stage.sql('ALTER TABLE accounts ALTER COLUMN customer_id DROP NOT NULL, ALTER COLUMN status DROP NOT NULL');
});
beforeEach(async () => {
  await stage.sql('DELETE FROM accounts');
  await stage.sql('DELETE FROM customers');
  await stage.fold();
  await stage.sql(`INSERT INTO customers (id, organization_id, name, email, created_at)
    SELECT i, 1 + i % 2, 'C' || i, i || '@c', timestamp '2026-01-01 10:07' + i * interval '1 day' FROM generate_series(1, 20) i`);
  await stage.sql(`INSERT INTO accounts (id, organization_id, customer_id, name, status, created_at)
    SELECT i, 1 + c % 2, c, 'A' || i, (ARRAY['active', 'inactive', 'pending', 'suspended', 'legacy'])[1 + i % 5],
      timestamp '2026-01-01 10:07' + i * interval '7 hours' FROM generate_series(1, 60) i, LATERAL (SELECT 1 + i % 15) x(c)`);
});
afterAll(() => stage?.close());

const CHANGES: [string, string][] = [
  [
    'rows of several organizations',
    `INSERT INTO customers (organization_id, name, email) SELECT 1 + i % 3, 'N', i || '@n' FROM generate_series(1, 30) i`,
  ],
  [
    'back-dated rows',
    `INSERT INTO accounts (organization_id, customer_id, name, status, created_at) SELECT 1, 2, 'B', 'active', timestamp '2020-02-29 23:59:59.999999' + i * interval '11 days' FROM generate_series(1, 50) i`,
  ],
  [
    'times without an end',
    `INSERT INTO accounts (organization_id, customer_id, name, status, created_at) VALUES (1, 2, 'x', 'active', 'infinity'), (1, 2, 'y', 'active', '-infinity'), (1, 2, 'z', 'active', '4713-01-01 BC'), (1, 2, 'z', 'odd', '294276-12-31 23:59')`,
  ],
  [
    'accounts of nobody and without a status',
    `INSERT INTO accounts (organization_id, customer_id, name, status) VALUES (1, NULL, 'x', 'active'), (1, 2, 'y', NULL), (1, NULL, 'z', NULL), (1, 2, '', '')`,
  ],
  [
    'accounts of another organization than their customer',
    `INSERT INTO accounts (organization_id, customer_id, name, status) VALUES (3, 2, 'x', 'active'), (2, 2, 'y', 'active')`,
  ],
  [
    'an upsert that inserts and updates',
    `INSERT INTO accounts (id, organization_id, customer_id, name, status) SELECT i, 1, 2, 'U', 'pending' FROM generate_series(55, 65) i ON CONFLICT (id) DO UPDATE SET status = excluded.status`,
  ],
  [
    'an upsert that does nothing',
    `INSERT INTO accounts (id, organization_id, customer_id, name, status) SELECT i, 1, 2, 'U', 'pending' FROM generate_series(55, 65) i ON CONFLICT DO NOTHING`,
  ],
  [
    'a MERGE that does all three',
    `MERGE INTO accounts a USING generate_series(50, 70) i ON a.id = i WHEN MATCHED AND i % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET status = 'merged' WHEN NOT MATCHED THEN INSERT (id, organization_id, customer_id, name, status) VALUES (i, 1, 2, 'M', 'active')`,
  ],
  ['a change of the status of many', `UPDATE accounts SET status = 'active' WHERE id % 2 = 0`],
  ['a change of the status to none', 'UPDATE accounts SET status = NULL WHERE id < 10'],
  ['a change of the customer', 'UPDATE accounts SET customer_id = 20 WHERE customer_id < 5'],
  ['a change of the customer to nobody', 'UPDATE accounts SET customer_id = NULL WHERE id < 30'],
  ['a change of the organization', 'UPDATE accounts SET organization_id = 3 WHERE id < 30'],
  [
    'a change of everything at once',
    `UPDATE accounts SET organization_id = 3, customer_id = 7, status = 'odd', created_at = created_at - interval '2 years'`,
  ],
  [
    'a change of the time of creation',
    `UPDATE accounts SET created_at = created_at - interval '400 days' WHERE id % 3 = 0`,
  ],
  ['a change of keys', 'UPDATE accounts SET id = id + 1000'],
  ['customers of another organization', 'UPDATE customers SET organization_id = 3 WHERE id < 10'],
  ['customers of another time', `UPDATE customers SET created_at = '1999-12-31 23:59:59.999999'`],
  ['the deletion of some accounts', 'DELETE FROM accounts WHERE id % 2 = 0'],
  ['the deletion of customers, whose accounts go with them', 'DELETE FROM customers WHERE id < 8'],
  [
    'several statements in one',
    `WITH gone AS (DELETE FROM accounts WHERE id < 5 RETURNING *), late AS (UPDATE accounts SET status = 'late' WHERE id > 50) INSERT INTO accounts (organization_id, customer_id, name, status) SELECT organization_id, customer_id, name, 'again' FROM gone`,
  ],
];

describe('the rollups', () => {
  it.each(CHANGES)('count %s, before and after the fold, as a recount does', async (_name, statement) => {
    await stage.fold();
    await stage.sql(statement);
    expect(await stage.check()).toMatchObject({ drift: 0, differences: [] });
    await stage.fold();
    expect(await stage.check()).toMatchObject({ drift: 0, differences: [], waiting: 0 });
    expect(await stage.sql('SELECT FROM customer_totals WHERE accounts = 0 AND active = 0')).toEqual([]);
  });

  it('count what COPY brings', async () => {
    const client = new pg.Client({ connectionString: stage.database.primaryUrl });
    client.on('error', () => undefined);
    await client.connect();
    const stream = client.query(copyFrom('COPY accounts (organization_id, customer_id, name, status) FROM STDIN'));
    stream.end(Array.from({ length: 500 }, (_, i) => `${1 + (i % 2)}\t${1 + (i % 20)}\tcopied\tactive\n`).join(''));
    await new Promise((resolve, reject) => stream.on('finish', resolve).on('error', reject));
    await client.end();
    const check = await stage.check();
    expect(check).toMatchObject({ drift: 0, accounts: 560 });
  });

  it('count nothing of a transaction that is rolled back, nor of a savepoint that is', async () => {
    await stage.sql(`BEGIN; DELETE FROM customers; ROLLBACK`);
    await stage.sql(
      `BEGIN; SAVEPOINT a; DELETE FROM customers; ROLLBACK TO a; DELETE FROM accounts WHERE id = 1; COMMIT`,
    );
    expect(await stage.check()).toMatchObject({ drift: 0, customers: 20, accounts: 59 });
  });

  it('are the same through a session with another search path and time zone', async () => {
    await stage.sql(`BEGIN; SET LOCAL search_path = pg_catalog; SET LOCAL timezone = 'Asia/Kathmandu';
      UPDATE public.accounts SET status = 'active'; DELETE FROM public.customers WHERE id = 3; COMMIT`);
    expect(await stage.check()).toMatchObject({ drift: 0 });
  });
});

describe('the triggers', () => {
  beforeEach(async () => {
    await stage.fold();
  });

  it.each([
    ['a change of names', `UPDATE customers SET name = 'other', email = 'other' || id`],
    ['a change of names and versions of accounts', `UPDATE accounts SET name = 'other', updated_at = now()`],
    ['a status that stays', 'UPDATE accounts SET status = status'],
    [
      'another time within the same quarter of an hour',
      `UPDATE accounts SET created_at = created_at + interval '1 microsecond'`,
    ],
    [
      'statements that find no row',
      `DELETE FROM customers WHERE id < 0; UPDATE accounts SET status = 'x' WHERE id < 0`,
    ],
  ])('write nothing for %s', async (_name, statement) => {
    await stage.sql(statement);
    expect(await stage.deltas()).toEqual([]);
  });

  it('write a row for each group, not for each row', async () => {
    await stage.sql(`INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
      SELECT 1, 2, 'G', 'active', '2026-03-01 12:00' FROM generate_series(1, 1000)`);
    expect(await stage.deltas()).toEqual([
      {
        organization_id: 1,
        customer_id: 2,
        bucket: '2026-03-01 12:00:00',
        status: 'active',
        customers_created: 0,
        customers_deleted: 0,
        accounts_created: 1000,
        accounts_deleted: 0,
        accounts: 1000,
      },
    ]);
  });

  it('count a change of the status in the quarter of an hour of the change, and a deletion too', async () => {
    const [{ now } = { now: '' }] = await stage.sql<{ now: string }>(
      `SELECT date_bin('15 minutes', now() AT TIME ZONE 'UTC', timestamp '2000-01-01')::text AS now`,
    );
    await stage.sql(`UPDATE accounts SET status = 'active' WHERE id = 1`);
    await stage.sql('DELETE FROM accounts WHERE id = 1');
    const buckets = (await stage.deltas()).map(({ bucket }) => bucket as string);
    expect(buckets.length).toBe(3);
    for (const bucket of buckets) expect(bucket >= now).toBe(true);
  });

  it('take a deletion back where it was counted, when rows are restored', async () => {
    await stage.sql(`BEGIN; SET LOCAL tandem.restores = '2026-02-03T04:05:06.123456Z';
      INSERT INTO customers (id, organization_id, name, email, created_at) VALUES (100, 1, 'R', 'r', '2020-01-01');
      INSERT INTO accounts (organization_id, customer_id, name, status, created_at) VALUES (1, 100, 'R', 'active', '2020-01-01');
      COMMIT`);
    expect(await stage.deltas()).toMatchObject([
      { customer_id: 100, bucket: '2026-02-03 04:00:00', accounts_created: 0, accounts_deleted: -1, accounts: 1 },
      { customer_id: null, bucket: '2026-02-03 04:00:00', customers_created: 0, customers_deleted: -1 },
    ]);
    expect(await stage.check()).toMatchObject({ drift: 0 });
  });

  it.each(['customers', 'accounts', 'organizations'])('refuse to truncate %s', async (table) => {
    await expect(stage.sql(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject({ code: '0A000' });
    expect(await stage.check()).toMatchObject({ drift: 0, customers: 20 });
  });

  it('do not count where they are off, which a check finds', async () => {
    await stage.sql(
      `SET session_replication_role = replica; DELETE FROM accounts WHERE id = 1; RESET session_replication_role`,
    );
    const { drift, differences } = await stage.check();
    expect(drift).toBeGreaterThan(0);
    expect(new Set(differences.map(({ kind }) => kind))).toEqual(
      new Set(['customers', 'statuses', 'organizations', 'flow_sums']),
    );
    await stage.sql(
      'DELETE FROM customer_totals; DELETE FROM status_totals; DELETE FROM organization_totals; DELETE FROM flow_totals; DELETE FROM rollup_deltas',
    );
    await stage.sql('SELECT rollups_fill_totals(), rollups_fill_flows()');
  });
});
