import { afterEach, describe, expect, it } from 'vitest';
import { makeGoDatabase, rowsOf, withClient } from '../../../../test/migrations/go-database.js';
import { createDatabaseWith } from '../../../../test/migrations/odd-databases.js';
import { runMigrations } from './index.js';

let database: Awaited<ReturnType<typeof createDatabaseWith>>;
afterEach(() => database.drop());

describe('search_fold', () => {
  it.each([
    ['C', `ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`],
    ['the builtin C.UTF-8', `ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C' BUILTIN_LOCALE 'C.UTF-8'`],
    ['ICU', `ENCODING 'UTF8' LOCALE_PROVIDER icu LOCALE 'C' ICU_LOCALE 'und'`],
  ])('folds every script and is served by an index in a database whose locale is %s', async (_name, options) => {
    database = await createDatabaseWith(options);
    await makeGoDatabase(database.url, { accountsPerCustomer: 60 });
    await runMigrations(database.url);
    const found = `SELECT name FROM customers WHERE search_fold(name) LIKE '%' || search_fold($1) || '%'`;
    expect(await rowsOf(database.url, found, ['ЖУКОВ'])).toEqual([{ name: 'Дмитрий Жуков' }]);
    expect(await rowsOf(database.url, found, ['zoë ån'])).toEqual([{ name: 'Zoë Ångström' }]);
    expect(await planOf(database.url, `SELECT id FROM customers WHERE search_fold(name) LIKE '%zoë%'`)).toContain(
      'customers_search_idx',
    );
    expect(
      await planOf(
        database.url,
        `SELECT id FROM customers WHERE search_fold(email) LIKE '%fox%' OR search_fold(name) LIKE '%fox%'`,
      ),
    ).toContain('customers_search_idx');
    expect(await planOf(database.url, `SELECT id FROM accounts WHERE search_fold(name) LIKE '%closed%'`)).toContain(
      'accounts_search_idx',
    );
  });

  it('knows ASCII alone, and says so, where the database has no encoding', async () => {
    database = await createDatabaseWith(`ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'`);
    await makeGoDatabase(database.url, { odd: false });
    const remarks: string[] = [];
    await runMigrations(database.url, { onProgress: ({ text }) => remarks.push(text) });
    expect(remarks).toContain('This server knows upper and lower case of ASCII only: search will, too');
    expect(await rowsOf(database.url, `SELECT search_fold('ABC Ж') AS folded`)).toEqual([{ folded: 'abc Ж' }]);
  });
});

/** How the server would answer if reading whole tables were expensive. */
async function planOf(url: string, query: string): Promise<string> {
  return withClient(url, async (client) => {
    await client.query('SET enable_seqscan = off');
    return JSON.stringify((await client.query(`EXPLAIN ${query}`)).rows);
  });
}
