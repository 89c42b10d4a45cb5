import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeGoDatabase, rowsOf, withClient } from '../../../../test/migrations/go-database.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { MIGRATIONS, type MigrationProgress, pendingMigrationNames, runMigrations } from './index.js';

let database: TestDatabase;
let url: string;
beforeEach(async () => {
  database = await createTestDatabase();
  url = database.primaryUrl;
});
afterEach(() => database.drop());

const names = MIGRATIONS.map((Migration) => new Migration().name);

describe('runMigrations', () => {
  it('runs what is pending, oldest first, and nothing the second time', async () => {
    expect(await pending()).toEqual(names);
    expect(await runMigrations(url)).toEqual(names);
    expect(await pending()).toEqual([]);
    expect(await runMigrations(url)).toEqual([]);
  });

  it('lets a second runner wait and then find nothing to do', async () => {
    await makeGoDatabase(url, { customers: 2000 });
    const remarks: string[] = [];
    const listen = { onProgress: ({ text }: MigrationProgress) => remarks.push(text) };
    const results = await Promise.all([
      runMigrations(url, listen),
      runMigrations(url, listen),
      runMigrations(url, listen),
    ]);
    expect(results.filter((result) => result.length > 0)).toEqual([names]);
    expect(remarks.filter((text) => text.startsWith('Another migration is running'))).toHaveLength(2);
    expect(await rowsOf(url, 'SELECT name FROM tandem_migrations ORDER BY id')).toEqual(
      names.map((name) => ({ name })),
    );
  });

  it('tells each step of how many', async () => {
    const steps: MigrationProgress[] = [];
    await runMigrations(url, { onProgress: (progress) => steps.push(progress) });
    const ofFirst = steps.filter(({ steps: count }) => count === steps[0]?.steps);
    expect(ofFirst.map(({ step }) => step)).toEqual(ofFirst.map((_, index) => index + 1));
    expect(ofFirst).toHaveLength(steps[0]?.steps ?? 0);
  });

  it('waits for a program that uses a table instead of failing or losing what it writes', async () => {
    await makeGoDatabase(url, { odd: false });
    const migrated = await withClient(url, async (client) => {
      await client.query('BEGIN');
      await client.query(`INSERT INTO customers (name, email) VALUES ('Late', 'late@example.com')`);
      let isWaiting = (): void => undefined;
      const waiting = new Promise<void>((resolve) => {
        isWaiting = resolve;
      });
      const running = runMigrations(url, { onProgress: ({ text }) => text.startsWith('Wait until') && isWaiting() });
      await waiting;
      await client.query('COMMIT');
      return running;
    });
    expect(migrated).toEqual(names);
    expect(
      await rowsOf(url, `SELECT name FROM customers WHERE organization_id IS NOT NULL AND name = 'Late'`),
    ).toHaveLength(1);
  });

  it('has no way back that would lose data', async () => {
    for (const Migration of MIGRATIONS) {
      await expect(new Migration().down(undefined as never)).rejects.toThrow(/cannot be undone/);
    }
  });
});

async function pending(): Promise<string[]> {
  return withClient(url, (client) =>
    pendingMigrationNames({
      query: async (query, values = []) =>
        (await client.query(typeof query === 'string' ? query : query.text, [...values])).rows,
    }),
  );
}
