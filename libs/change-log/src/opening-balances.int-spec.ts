import { PrimaryDatabase, runMigrations } from '@app/database';
import { runQueueMigrations } from '@app/jobs';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeGoDatabase } from '../../../test/migrations/go-database.js';
import { untilLogSettled } from '../../../test/support/settled-log.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openLibraries } from '../../../test/worker/support/job-contexts.js';
import { ChangeLogModule } from './change-log.module.js';
import { ChangeLogService } from './change-log.service.js';
import { UndoService } from './undo/undo.service.js';
import { ChangeLogUpkeep } from './upkeep/change-log-upkeep.service.js';

/** What the rows say, in the words of the view; deletions leave no row, so quarters are compared by what they sum up to. */
const COUNTED = `SELECT organization_id, 'customer' AS cut, customer_id, NULL AS status, count(*)::int AS accounts,
    (count(*) FILTER (WHERE status = 'active'))::int AS active FROM accounts WHERE customer_id IS NOT NULL GROUP BY 1, 3
  UNION ALL SELECT organization_id, 'status', NULL, status, count(*)::int, 0 FROM accounts GROUP BY 1, 4
  ORDER BY 1, 2, 3, 4`;
const FROM_LOG = `SELECT organization_id, cut, customer_id, status, accounts::int, active::int FROM rollups_from_log
  WHERE cut <> 'quarter' ORDER BY 1, 2, 3, 4`;
const FLOWS = `SELECT organization_id, sum(customers_created - customers_deleted)::int AS customers,
    sum(accounts_created - accounts_deleted)::int AS accounts, sum(active)::int AS active
  FROM rollups_from_log WHERE cut = 'quarter' GROUP BY 1 ORDER BY 1`;
const PRESENT = `SELECT o.id AS organization_id, (SELECT count(*)::int FROM customers WHERE organization_id = o.id) AS customers,
    (SELECT count(*)::int FROM accounts WHERE organization_id = o.id) AS accounts,
    (SELECT count(*)::int FROM accounts WHERE organization_id = o.id AND status = 'active') AS active
  FROM organizations o ORDER BY 1`;
const QUARTERS = `SELECT bucket::text, customers_created::int, customers_deleted::int, accounts_created::int,
    accounts_deleted::int FROM rollups_from_log WHERE cut = 'quarter' ORDER BY 1`;

/** Whatever can happen to rows, by our statements and by others'. */
const CHANGES = [
  `INSERT INTO customers (organization_id, name, email, created_at) SELECT 1, 'New', 'new' || n, '2025-03-01 00:07' FROM generate_series(1, 20) n`,
  `INSERT INTO accounts (organization_id, customer_id, name, status)
   SELECT 1, id, 'a', (ARRAY['active', 'odd', 'pending'])[1 + id % 3] FROM customers WHERE id % 2 = 0`,
  `UPDATE accounts SET status = 'active' WHERE id % 3 = 0`,
  `UPDATE accounts SET customer_id = 2 WHERE id % 7 = 0`,
  `UPDATE accounts SET created_at = created_at - interval '3 days', status = 'inactive' WHERE id % 11 = 0`,
  `UPDATE customers SET created_at = created_at + interval '1 hour' WHERE id % 5 = 0`,
  `UPDATE customers SET name = 'renamed'`,
  'DELETE FROM customers WHERE id % 4 = 1',
  `INSERT INTO organizations (name) VALUES ('Second')`,
  'UPDATE customers SET organization_id = 2 WHERE id = 6',
  'UPDATE accounts SET organization_id = 2 WHERE customer_id = 6',
  'UPDATE accounts SET id = id + 100000 WHERE id % 13 = 0',
  'DELETE FROM accounts WHERE id % 17 = 0',
];

describe('the rollups from the log alone', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let sql: PrimaryDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await makeGoDatabase(database.primaryUrl);
    await runMigrations(database.primaryUrl);
    await runQueueMigrations(database.primaryUrl);
    context = await openLibraries(database, [ChangeLogModule]);
    sql = context.get(PrimaryDatabase);
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const expectEqual = async () => {
    expect(await sql.query(FROM_LOG)).toEqual(await sql.query(COUNTED));
    expect(await sql.query(FLOWS)).toEqual(await sql.query(PRESENT));
  };

  test('are right at the adoption, of which the log tells with the balances it began with', async () => {
    const [present] = await sql.query<{ customers: number; accounts: number }>(PRESENT);
    expect(present?.accounts).toBeGreaterThan(100);
    expect(await sql.query(FROM_LOG)).toEqual(await sql.query(COUNTED));
    expect(await sql.query(FLOWS)).toEqual([present]);
    const [event] = await sql.query<{ after: unknown }>(`SELECT after FROM events WHERE type = 'balance.opened'`);
    expect(event?.after).toMatchObject({ customers: present?.customers, accounts: present?.accounts });
  });

  test('stay right whatever happens to the rows', async () => {
    for (const change of CHANGES) {
      await sql.query(change);
      await sql.query(FROM_LOG);
    }
    await expectEqual();
  });

  test('take back what an undo takes back, in the quarter of the deletion', async () => {
    const log = context.get(ChangeLogService);
    const before = await sql.query(QUARTERS);
    await sql.query('DELETE FROM customers WHERE id = 2');
    await untilLogSettled(sql);
    const { events } = await log.read(1, { types: ['customer.deleted'], entity: 'customer', entityId: '2', limit: 10 });
    await context.get(UndoService).undo(1, events[0]?.cursor ?? '');
    await expectEqual();
    expect(await sql.query(QUARTERS)).toEqual(before);
  });

  test('are the same after old partitions were dropped, and cursors into those are told so', async () => {
    const log = context.get(ChangeLogService);
    await untilLogSettled(sql);
    const first = (await log.read(1, { limit: 1 })).events[0]?.cursor;
    const before = [await sql.query(FROM_LOG), await sql.query(QUARTERS)];
    const { count } = (await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM events'))[0] ?? {
      count: 0,
    };
    await sql.query(
      `UPDATE events SET logged_at = logged_at - interval '200 days' WHERE seq < (SELECT max(seq) / 2 FROM events)`,
    );
    expect(await context.get(ChangeLogUpkeep).run()).toBeGreaterThan(0);
    const left = (await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM events'))[0]?.count ?? 0;
    expect(left).toBeLessThan(count);
    expect([await sql.query(FROM_LOG), await sql.query(QUARTERS)]).toEqual(before);
    await expectEqual();
    expect((await sql.query(`SELECT FROM events WHERE type = 'balance.opened'`)).length).toBeGreaterThan(0);

    const parts = Buffer.from(first ?? '', 'base64url')
      .toString()
      .split('.');
    const old = Buffer.from([...parts.slice(0, 5), '1000'].join('.')).toString('base64url');
    const failure = (await log.read(1, { after: old, limit: 10 }).catch((error: unknown) => error)) as {
      code: string;
      nextCursor: string;
    };
    expect(failure.code).toBe('cursor_expired');
    await untilLogSettled(sql);
    expect((await log.read(1, { after: failure.nextCursor, limit: 10 })).events.length).toBeGreaterThan(0);
  });

  test('need no partition to be there in time: what falls out of all moves into its own later', async () => {
    await sql.query(
      `UPDATE events SET logged_at = now() + interval '1 year' WHERE seq = (SELECT max(seq) FROM events)`,
    );
    expect(await sql.query('SELECT FROM events_default')).toHaveLength(1);
    await context.get(ChangeLogUpkeep).run();
    expect(await sql.query('SELECT FROM events_default')).toHaveLength(0);
    await expectEqual();
  });
});
