import { PrimaryDatabase, TransactionRunner } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { AnalyticsModule } from './analytics.module.js';
import { DailyAggregateService } from './daily-aggregate.service.js';

const DATE = '2026-03-10';
const STATEMENT_TIMEOUT_MS = 300;

describe('the aggregate of a day', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;

  beforeAll(async () => {
    database = await createJobDatabase();
    const variables = { STATEMENT_TIMEOUT_MS: String(STATEMENT_TIMEOUT_MS) };
    context = await openLibraries(database, [AnalyticsModule], variables);
    primary = context.get(PrimaryDatabase);
    await primary.query(`INSERT INTO organizations (name) VALUES ('A'), ('B'), ('Empty')`);
    await primary.query(`
      INSERT INTO customers (id, organization_id, name, email, created_at) VALUES
        (1, 1, 'before', '1@a', '2026-03-09 23:59:59.999999'), (2, 1, 'at the beginning', '2@a', '2026-03-10 00:00'),
        (3, 1, 'at the end', '3@a', '2026-03-10 23:59:59.999999'), (4, 1, 'after', '4@a', '2026-03-11 00:00'),
        (5, 2, 'elsewhere', '5@a', '2026-03-10 12:00')`);
    await primary.query(`
      INSERT INTO accounts (organization_id, customer_id, name, status, created_at) VALUES
        (1, 1, 'a', 'active', '2026-03-01'), (1, 1, 'b', 'inactive', '2026-03-10 00:00'),
        (1, 1, 'c', 'suspended', '2026-03-10 23:59:59.999999'), (1, 2, 'd', 'pending', '2026-03-10 12:00'),
        (1, 2, 'e', 'odd, as adopted', '2026-03-02'), (1, 2, 'f', 'active', '2026-03-11 00:00'),
        (2, 5, 'h', 'active', '2026-03-03')`);
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const compute = (organizationId: number) =>
    context.get(TransactionRunner).run(() => context.get(DailyAggregateService).compute(organizationId, DATE));
  const stored = () => primary.query(`SELECT * FROM daily_aggregates ORDER BY organization_id`);

  test('counts the rows made before its end, of that organization, to the microsecond', async () => {
    expect(await compute(1)).toEqual({
      date: DATE,
      total_customers: 3,
      total_accounts: 5,
      active_accounts: 1,
      inactive_accounts: 1,
      avg_accounts_per_customer: 2.5,
      new_customers: 2,
      new_accounts: 3,
    });
  });

  test('is zeros where there is nothing', async () => {
    const aggregate = await compute(3);

    expect(Object.values(aggregate)).toEqual([DATE, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('is stored once, with what was computed last', async () => {
    await compute(2);
    await primary.query(`UPDATE accounts SET status = 'inactive' WHERE organization_id = 2`);
    await compute(2);

    const rows = await stored();
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({ organization_id: 2, active_accounts: '0', inactive_accounts: '1' });
  });

  test('may take longer than other statements', async () => {
    const client = new pg.Client({ connectionString: database.primaryUrl });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
    const work = compute(1);
    await client.query('SELECT pg_sleep($1)', [(STATEMENT_TIMEOUT_MS * 3) / 1000]);
    await client.query('COMMIT');
    await client.end();

    expect(await work).toMatchObject({ total_accounts: 5 });
  });

  test('is yesterday unless told, and today at the latest', async () => {
    const service = context.get(DailyAggregateService);
    const now = new Date('2026-03-10T00:00:00Z');

    expect(await service.request(1, undefined, {}, now)).toMatchObject({ payload: { date: '2026-03-09' } });
    expect(await service.request(1, '2026-03-10', {}, now)).toMatchObject({ payload: { date: '2026-03-10' } });
    for (const date of ['2026-03-11', '2026-02-30', 'x']) {
      expect(() => service.request(1, date, {}, now)).toThrow(
        expect.objectContaining({ code: 'validation_failed', fields: [expect.objectContaining({ field: 'date' })] }),
      );
    }
  });
});
