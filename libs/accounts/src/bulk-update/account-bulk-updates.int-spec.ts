import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { AccountsModule } from '../accounts.module.js';
import { AccountBulkUpdates, type BulkUpdate, type BulkUpdateState } from './account-bulk-updates.service.js';
import type { AccountSelection } from './account-selection.js';

const BEGINNING: BulkUpdateState = { after: 0, matched: 0, updated: 0 };

describe('bulk updates of accounts', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let updates: AccountBulkUpdates;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database, [AccountsModule]);
    [primary, updates] = [context.get(PrimaryDatabase), context.get(AccountBulkUpdates)];
    await primary.query(`INSERT INTO organizations (name) VALUES ('A'), ('B')`);
  });
  // Of each organization 600 accounts: every third pending, the others active.
  beforeEach(async () => {
    await primary.query('DELETE FROM customers');
    await primary.query('ALTER SEQUENCE customers_id_seq RESTART');
    await primary.query('ALTER SEQUENCE accounts_id_seq RESTART');
    await primary.query(`INSERT INTO customers (organization_id, name, email)
      SELECT id, 'Owner', 'o@example.com' FROM organizations ORDER BY id`);
    await primary.query(`INSERT INTO accounts (organization_id, customer_id, name, status)
      SELECT organization_id, id, 'Account ' || i, CASE WHEN i % 3 = 0 THEN 'pending' ELSE 'active' END
      FROM customers, generate_series(1, 600) i ORDER BY organization_id, i`);
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const runThrough = async (selection: AccountSelection): Promise<BulkUpdateState & { steps: number }> => {
    const update: BulkUpdate = { organizationId: 1, status: 'suspended', selection };
    let state = BEGINNING;
    let steps = 0;
    for (;;) {
      const next = await updates.updateNext(update, state);
      if (next === null) return { ...state, steps };
      state = next;
      steps += 1;
    }
  };
  const suspended = async (): Promise<Record<string, number>> => {
    const rows = await primary.query<{ id: number; count: number }>(
      `SELECT organization_id AS id, count(*)::int AS count FROM accounts WHERE status = 'suspended' GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ id, count }) => [id, count]));
  };

  test('go through all of the organization and touch no other', async () => {
    expect(await runThrough({ filters: {} })).toMatchObject({ matched: 600, updated: 600, steps: 2 });
    expect(await suspended()).toEqual({ 1: 600 });
  });

  test('reach what a filter lets through, also where the update takes it out of the filter', async () => {
    expect(await runThrough({ filters: { status: 'pending' } })).toMatchObject({ matched: 200, updated: 200 });
    expect(await runThrough({ filters: { q: 'COUNT 61' } })).toMatchObject({ matched: 1, updated: 1 });
    expect(await suspended()).toEqual({ 1: 201 });
  });

  test('reach the ids they are given, without those of others and those that do not exist', async () => {
    const selection = { ids: [600, 1, 2, 2, 601, 2_147_483_647, 9_007_199_254_740_991] };
    expect(await runThrough(selection)).toMatchObject({ matched: 3, updated: 3 });
    expect(await runThrough(selection)).toMatchObject({ matched: 3, updated: 0 });
    expect(await suspended()).toEqual({ 1: 3 });
  });
});
