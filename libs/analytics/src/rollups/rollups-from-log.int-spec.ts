import { afterAll, beforeAll, expect, it } from 'vitest';
import { RollupStage } from '../../../../test/rollups/support/rollup-stage.js';

let stage: RollupStage;
beforeAll(async () => {
  stage = await RollupStage.open();
  await stage.sql(`INSERT INTO organizations (name) VALUES ('A'), ('B'), ('C')`);
  await stage.sql('ALTER TABLE accounts ALTER COLUMN customer_id DROP NOT NULL, ALTER COLUMN status DROP NOT NULL');
  await stage.sql(`INSERT INTO customers (organization_id, name, email, created_at)
    SELECT 1 + i % 3, 'C' || i, i || '@c', timestamp '2026-01-01 10:07' + i * interval '3 hours' FROM generate_series(1, 200) i`);
  await stage.sql(`INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
    SELECT organization_id, id, 'A', (ARRAY['active', 'inactive', 'odd', NULL])[1 + (id + i) % 4], created_at + i * interval '1 day'
    FROM customers, generate_series(1, 3) i`);
});
afterAll(() => stage?.close());

const KEPT = `SELECT organization_id, 'customer' AS cut, customer_id, NULL AS status, NULL::timestamp AS bucket, accounts::int,
    active::int, 0 AS customers_created, 0 AS customers_deleted, 0 AS accounts_created, 0 AS accounts_deleted FROM customer_totals
  UNION ALL SELECT organization_id, 'status', NULL, status, NULL, accounts::int, 0, 0, 0, 0, 0 FROM status_totals WHERE accounts <> 0
  UNION ALL SELECT organization_id, 'quarter', NULL, NULL, starts_at, 0, accounts_active::int, customers_created::int,
    customers_deleted::int, accounts_created::int, accounts_deleted::int FROM flow_totals WHERE minutes = 15
    AND (customers_created, customers_deleted, accounts_created, accounts_deleted, accounts_active) <> (0, 0, 0, 0, 0)`;
const LOGGED = `SELECT organization_id, cut, customer_id, status, bucket, accounts::int, active::int, customers_created::int,
  customers_deleted::int, accounts_created::int, accounts_deleted::int FROM rollups_from_log`;

const differences = () => stage.sql(`((${KEPT}) EXCEPT ALL (${LOGGED})) UNION ALL ((${LOGGED}) EXCEPT ALL (${KEPT}))`);

it.each([
  ['rows that come', `SELECT 1`],
  ['changes of the status', `UPDATE accounts SET status = 'active' WHERE id % 5 = 0`],
  ['moves to another customer', 'UPDATE accounts SET customer_id = 7, organization_id = 2 WHERE customer_id = 4'],
  [
    'corrected times',
    `UPDATE accounts SET created_at = created_at - interval '40 days', status = 'late' WHERE id % 11 = 0`,
  ],
  ['corrected customers', `UPDATE customers SET created_at = created_at + interval '1 year' WHERE id % 13 = 0`],
  ['customers of another organization', 'UPDATE customers SET organization_id = 3 WHERE id % 17 = 0'],
  ['deletions', 'DELETE FROM accounts WHERE id % 6 = 1'],
  ['cascades', 'DELETE FROM customers WHERE id % 9 = 2'],
  [
    'an undo',
    `BEGIN; SET LOCAL tandem.restores = '2026-05-06T07:08:09Z';
    INSERT INTO customers (id, organization_id, name, email, created_at) VALUES (2, 1, 'R', 'r', '2026-01-01');
    INSERT INTO accounts (organization_id, customer_id, name, status, created_at) VALUES (1, 2, 'R', 'active', '2026-01-02'); COMMIT`,
  ],
])('the rollups are what the change log alone says, after %s', async (_what, statement) => {
  await stage.sql(statement);
  await stage.fold();
  expect(await differences()).toEqual([]);
  expect(await stage.check()).toMatchObject({ drift: 0 });
});

it('and a control: without one event they are not', async () => {
  await stage.sql(`DELETE FROM events WHERE ctid = (SELECT ctid FROM events WHERE type = 'account.created' LIMIT 1)`);
  expect((await differences()).length).toBeGreaterThan(0);
});
