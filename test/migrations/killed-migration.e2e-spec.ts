import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MIGRATIONS } from '@app/database';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { runCommandLine } from './command-line.js';
import { goSnapshot, makeGoDatabase, rowsOf } from './go-database.js';
import { schemaOf } from './odd-databases.js';

let database: TestDatabase;
let url: string;
beforeEach(async () => {
  database = await createTestDatabase();
  url = database.primaryUrl;
});
afterEach(() => database.drop());

describe('a migration that is killed half way', () => {
  it('leaves the database of the Go service as it was, and is done by running it again', async () => {
    await makeGoDatabase(url, { customers: 10_000, accountsPerCustomer: 5 });
    const [rows, schema] = [await goSnapshot(url), await schemaOf(url)];
    for (const moment of ['Fill times and forbid NULL in accounts', 'Index accounts for search in name']) {
      const killed = await runCommandLine(
        ['migrate'],
        { DATABASE_URL: url },
        {
          onLine: (line, child) => line.endsWith(moment) && child.kill('SIGKILL'),
        },
      );
      expect(killed).toMatchObject({ code: null, error: '' });
      expect(killed.out).toContain(moment);
      await untilRolledBack();
      expect(digest(await goSnapshot(url))).toBe(digest(rows));
      expect(withoutLedger(await schemaOf(url))).toEqual(schema);
    }
    const again = await runCommandLine(['migrate'], { DATABASE_URL: url });
    expect(again).toMatchObject({ code: 0, error: '' });
    expect(again.out).toContain('The schema is up to date');
    const after = await goSnapshot(url);
    expect(after.customers?.length).toBe(rows.customers?.length);
    expect(digest(withoutOddOnes(after))).toBe(digest(withoutOddOnes(rows)));
    expect(after.sequences).toEqual(rows.sequences);
  });

  it('does not keep the next one waiting for longer than a moment', async () => {
    await makeGoDatabase(url, { customers: 10_000, accountsPerCustomer: 5 });
    await runCommandLine(
      ['migrate'],
      { DATABASE_URL: url },
      {
        onLine: (line, child) => line.endsWith('Index accounts for search in name') && child.kill('SIGKILL'),
      },
    );
    const again = await runCommandLine(['migrate'], { DATABASE_URL: url });
    expect(again).toMatchObject({ code: 0, error: '' });
    expect(await rowsOf(url, 'SELECT count(*)::int FROM tandem_migrations')).toEqual([{ count: MIGRATIONS.length }]);
  });
});

/** So many rows are compared by their hash: comparing objects takes longer than all the rest. */
function digest(rows: unknown): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

/** The server notices within a second that nobody is there any more. */
async function untilRolledBack(): Promise<void> {
  const deadline = performance.now() + 10_000;
  const running = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tandem-migrate%'`;
  while ((await rowsOf(url, running)).length > 0) {
    if (performance.now() > deadline) throw new Error('The killed migration still runs on the server');
    await sleep(50);
  }
}

/** TypeORM's table of migrations is made before the first one begins. */
function withoutLedger(schema: Record<string, unknown[]>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(schema).map(([name, rows]) => [
      name,
      rows.filter((row) => !JSON.stringify(row).includes('tandem_migrations')),
    ]),
  );
}

/** The rows whose times were all there. */
function withoutOddOnes(snapshot: Record<string, unknown[]>): unknown[][] {
  const odd = new Set(['No times', 'No change', 'No creation', 'timeless']);
  const { customers = [], accounts = [], users = [] } = snapshot;
  return [customers, accounts, users].map((rows) =>
    rows.filter((row) => {
      const { name, username } = row as { name?: string; username?: string };
      return !odd.has(name ?? username ?? '');
    }),
  );
}
