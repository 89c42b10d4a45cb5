import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RollupStage } from '../../../../test/rollups/support/rollup-stage.js';
import { sessionOf } from '../../../../test/rollups/support/session-of.js';
import { BEGIN_FOLD, FOLD } from './fold.sql.js';
import { RollupChecks } from './rollup-checks.service.js';
import { ROLLUP_LOCK } from './rollup-lock.js';
import { foldBatch, RollupsRepository } from './rollups.repository.js';

let stage: RollupStage;
const clients: pg.Client[] = [];
beforeAll(async () => {
  stage = await RollupStage.open();
  await stage.sql(`INSERT INTO organizations (name) VALUES ('A'), ('B')`);
});
beforeEach(async () => {
  await stage.sql('DELETE FROM accounts');
  await stage.sql('DELETE FROM customers');
  await stage.fold();
  await stage.sql(`INSERT INTO customers (id, organization_id, name, email)
    SELECT i, 1 + i % 2, 'C' || i, i || '@c' FROM generate_series(1, 50) i`);
  for (const status of ['active', 'inactive']) {
    await stage.sql(
      `INSERT INTO accounts (organization_id, customer_id, name, status) SELECT 1 + i % 2, i, 'A', $1 FROM generate_series(1, 40) i`,
      [status],
    );
  }
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  await stage?.close();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: stage.database.primaryUrl });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

const waiting = async () => (await stage.deltas()).length;

describe('a fold', () => {
  it('moves every delta into the totals, once, however often and by how many it is done', async () => {
    const before = await waiting();
    const folded = await Promise.all(Array.from({ length: 8 }, () => stage.fold()));
    expect(folded.reduce((sum, deltas) => sum + deltas)).toBe(before);
    expect(await stage.fold()).toBe(0);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
    expect(await stage.checkFollower()).toMatchObject({ drift: 0, waiting: 0 });
  });

  it('is exact after each batch, though what is deleted may be folded before what was created', async () => {
    await stage.sql('DELETE FROM customers WHERE id < 30');
    await stage.sql(
      `INSERT INTO accounts (organization_id, customer_id, name, status) SELECT 1, 40, 'N', 'active' FROM generate_series(1, 3)`,
    );
    // The other way round than they were written: a deletion may well have the lower number of a transaction.
    await stage.sql(`UPDATE rollup_deltas SET transaction = (100000 - transaction::text::int)::text::xid8`);
    await stage.sql(`UPDATE rollup_state SET folded_below = '0'`);
    const repository = stage.context.get(RollupsRepository, { strict: false });
    let hasBeenNegative = false;
    for (let batch = 0; (await repository.fold(7, true)) === 7; batch++) {
      expect(await stage.check(), `after batch ${batch}`).toMatchObject({ drift: 0 });
      hasBeenNegative ||= (await stage.sql('SELECT FROM customer_totals WHERE accounts < 0')).length > 0;
    }
    expect(hasBeenNegative).toBe(true);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
    expect(await stage.sql('SELECT FROM customer_totals WHERE accounts <= 0')).toEqual([]);
    await stage.sql(`UPDATE rollup_state SET folded_below = '0'`);
  });

  it('that is killed in the middle has done nothing', async () => {
    const before = await waiting();
    const client = await connect();
    await client.query('BEGIN');
    await client.query(BEGIN_FOLD.text);
    expect(await foldBatch(sessionOf(client), 1_000, false)).toBe(before);
    expect(await stage.fold()).toBe(0);
    const [{ pid } = { pid: 0 }] = await stage.sql<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = ${ROLLUP_LOCK[0]} AND objid = ${ROLLUP_LOCK[1]}`,
    );
    await stage.sql('SELECT pg_terminate_backend($1, 5000)', [pid]);
    expect(await waiting()).toBe(before);
    expect(await stage.check()).toMatchObject({ drift: 0 });
    expect(await stage.fold()).toBe(before);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
  });

  it('looks for nothing before the last one, and readers neither', async () => {
    await stage.fold();
    const [state] = await stage.sql<{ ended: boolean }>(
      `SELECT folded_below > '0' AND folded_below <= pg_snapshot_xmax(pg_current_snapshot()) AS ended FROM rollup_state`,
    );
    expect(state).toEqual({ ended: true });
  });

  it('counts what an older transaction commits after it', async () => {
    const client = await connect();
    await client.query('BEGIN');
    await client.query(`UPDATE accounts SET status = 'late' WHERE customer_id = 1`);
    await stage.sql(`UPDATE accounts SET status = 'early' WHERE customer_id = 2`);
    await stage.fold();
    await client.query('COMMIT');
    expect(await stage.check()).toMatchObject({ drift: 0 });
    expect(await stage.fold()).toBe(3);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
  });

  it('finds all in a database whose transactions are numbered anew, as after a restore from a dump', async () => {
    await stage.fold();
    await stage.sql(`UPDATE rollup_state SET folded_below = '999999999999'`);
    await stage.sql(`UPDATE accounts SET status = 'restored' WHERE customer_id < 10`);
    expect(await stage.check()).toMatchObject({ drift: 0 });
    expect(await stage.fold()).toBeGreaterThan(0);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
  });
});

describe('the control: a fold that does not delete', () => {
  it('counts twice', async () => {
    const client = await connect();
    await client.query('BEGIN');
    const keeping = FOLD.text.replace(
      /DELETE FROM rollup_deltas WHERE ([\s\S]*?)RETURNING \*/,
      'SELECT * FROM rollup_deltas WHERE $1',
    );
    expect(keeping).not.toBe(FOLD.text);
    for (let time = 0; time < 2; time++) await client.query(keeping, [1_000, true]);
    await client.query('DELETE FROM rollup_deltas');
    await client.query('COMMIT');
    const { drift } = await stage.check();
    expect(drift).toBeGreaterThan(0);
    await stage.context.get(RollupChecks).rebuild();
    expect(await stage.check()).toMatchObject({ drift: 0 });
  });
});

describe('a rebuild', () => {
  it('puts right what is wrong in every table, and then a check finds nothing', async () => {
    await stage.fold();
    await stage.sql(`UPDATE customer_totals SET accounts = accounts + 5 WHERE customer_id < 10;
      DELETE FROM customer_totals WHERE customer_id BETWEEN 10 AND 15;
      INSERT INTO customer_totals VALUES (1, 987654, 3, 3);
      UPDATE status_totals SET accounts = 1; INSERT INTO status_totals VALUES (1, NULL, 7), (9, 'ghost', 1);
      UPDATE organization_totals SET customers = customers - 1, customers_with_account = 0;
      DELETE FROM flow_totals WHERE minutes = 60; UPDATE flow_totals SET accounts_created = 0`);
    await stage.sql(`UPDATE accounts SET status = 'waiting' WHERE customer_id = 3`);
    const wrong = await stage.context.get(RollupChecks).rebuild();
    expect(wrong.drift).toBeGreaterThan(15);
    expect(await stage.check()).toMatchObject({ drift: 0, differences: [] });
    expect((await stage.context.get(RollupChecks).rebuild()).drift).toBe(0);
  });

  it.each([
    ['of no quarter', 'DELETE FROM flow_totals WHERE minutes = 15'],
    ['of no time at all', 'DELETE FROM flow_totals'],
    ['of another time', `UPDATE flow_totals SET starts_at = starts_at - interval '1 day' WHERE minutes < 1440`],
    ['that was made up', `INSERT INTO flow_totals VALUES (2, 60, '2020-01-01', 3, 0, 0, 0, 0)`],
  ])('knows from the change log what happened when: with flows %s', async (_which, damage) => {
    await stage.sql('DELETE FROM customers WHERE id % 7 = 0');
    await stage.sql(`UPDATE accounts SET created_at = created_at - interval '90 days' WHERE id % 5 = 0`);
    await stage.fold();
    const flows = () => stage.sql('SELECT * FROM flow_totals ORDER BY organization_id, minutes, starts_at');
    const before = (await flows()).filter((row) =>
      Object.values(row)
        .slice(3)
        .some((flow) => flow !== '0'),
    );
    await stage.sql(damage);
    const wrong = await stage.context.get(RollupChecks).rebuild();
    expect(wrong.drift).toBeGreaterThan(0);
    expect(await flows()).toEqual(before);
    expect(await stage.check()).toMatchObject({ drift: 0 });
  });

  it('lets writers go on, and holds back only folds', async () => {
    const blocker = await connect();
    await stage.fold();
    await stage.sql('UPDATE status_totals SET accounts = accounts + 1');
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE status_totals IN SHARE MODE');
    const rebuilt = stage.context.get(RollupChecks).rebuild();
    // It waits for the table now, its snapshot open and the lock of the rollups held.
    await expect.poll(() => lockWaiters()).toBe(1);
    await stage.sql(
      `INSERT INTO accounts (organization_id, customer_id, name, status) VALUES (1, 2, 'meanwhile', 'active')`,
    );
    expect(await stage.fold()).toBe(0);
    expect((await stage.sql(`SELECT FROM rollup_deltas`)).length).toBe(1);
    await blocker.query('COMMIT');
    expect((await rebuilt).drift).toBeGreaterThan(0);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 1 });
    expect(await stage.fold()).toBe(1);
    expect(await stage.check()).toMatchObject({ drift: 0, waiting: 0 });
  });
});

async function lockWaiters(): Promise<number> {
  return (await stage.sql(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'status_totals'::regclass`)).length;
}
