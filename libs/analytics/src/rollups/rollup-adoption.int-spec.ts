import { runMigrations } from '@app/database';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeGoDatabase, rowsOf } from '../../../../test/migrations/go-database.js';
import { checkIn } from '../../../../test/rollups/support/rollup-stage.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

it('an adopted database has its rollups, odd rows included, and says what it does', async () => {
  await makeGoDatabase(database.primaryUrl, { customers: 300 });
  const steps: string[] = [];
  await runMigrations(database.primaryUrl, { onProgress: ({ text }) => steps.push(text) });
  expect(steps).toContain('Count the customers and accounts that there are');
  const check = await checkIn(database.primaryUrl);
  expect(check).toMatchObject({ drift: 0, differences: [], waiting: 0 });
  expect(check.accounts).toBeGreaterThan(800);
  const statuses = await rowsOf<{ status: string | null }>(database.primaryUrl, 'SELECT status FROM status_totals');
  expect(statuses.map(({ status }) => status)).toEqual(
    expect.arrayContaining(['active', 'closed', 'ACTIVE', '', null]),
  );
  const [future] = await rowsOf(
    database.primaryUrl,
    `SELECT customers_created::int AS created FROM flow_totals WHERE minutes = 1440 AND starts_at = '9999-12-31'`,
  );
  expect(future).toEqual({ created: 1 });
});

it('an empty database has empty ones', async () => {
  await runMigrations(database.primaryUrl);
  expect(await checkIn(database.primaryUrl)).toMatchObject({ drift: 0, customers: 0, accounts: 0 });
});
