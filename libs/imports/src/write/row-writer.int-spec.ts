import { PrimaryDatabase, TransactionRunner } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import type { ImportMode } from '../import-options.js';
import { ImportsModule } from '../imports.module.js';
import type { AccountRow, CustomerRow } from '../rows/import-row.js';
import { RowWriter } from './row-writer.service.js';
import { addOutcome, emptyOutcome, type WriteOutcome } from './write-outcome.js';

let database: TestDatabase;
let context: INestApplicationContext;
let primary: PrimaryDatabase;
let importId: string;

beforeAll(async () => {
  database = await createJobDatabase();
  context = await openLibraries(database, [ImportsModule]);
  primary = context.get(PrimaryDatabase);
  await primary.query(`INSERT INTO organizations (name) VALUES ('A'), ('B')`);
});
beforeEach(async () => {
  const [row] = await primary.query<{ id: string }>(
    `INSERT INTO imports (organization_id, entity, mode, atomic, dry_run, columns, data_offset, data_line, chunk_bytes)
     VALUES (1, 'customers', 'insert', false, true, '{}', 0, 1, 1) RETURNING id`,
  );
  importId = row?.id ?? '';
});
afterEach(() => primary.query('DELETE FROM customers'));
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

const customer = (line: number, name: string, email: string, id: number | null = null): CustomerRow => ({
  line,
  cells: [],
  id,
  name,
  email,
});
const order = (mode: ImportMode) => ({ importId, organizationId: 1, mode });
const writer = () => context.get(RowWriter, { strict: false });
const inTransaction = <T>(work: () => Promise<T>): Promise<T> => context.get(TransactionRunner).run(work);
const writeCustomers = (rows: CustomerRow[], mode: ImportMode = 'insert') =>
  inTransaction(() => writer().write(order(mode), { entity: 'customers', rows }));
const tryCustomers = (rows: CustomerRow[], mode: ImportMode) =>
  inTransaction(() => writer().try(order(mode), { entity: 'customers', rows }));

async function withTrigger(table: string, condition: string, action: string, work: () => Promise<void>): Promise<void> {
  await primary.query(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF ${condition} THEN ${action}; END IF; RETURN NEW; END $$`);
  await primary.query(
    `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
  await work().finally(() => primary.query(`DROP TRIGGER refuse ON ${table}`));
}

describe('a batch', () => {
  test('in which the database refuses rows for a reason that nobody foresaw lands without these', () =>
    withTrigger('customers', `NEW.name LIKE 'Refused%'`, `RAISE EXCEPTION 'no' USING ERRCODE = 'XX123'`, async () => {
      const rows = Array.from({ length: 300 }, (_, n) =>
        customer(n + 2, n % 77 === 5 ? `Refused ${n}` : `P ${n}`, `p${n}@x`),
      );

      const outcome = await writeCustomers(rows);

      expect(outcome.inserted).toBe(296);
      expect(outcome.rejected.map(({ line, code }) => [line, code])).toEqual(
        [7, 84, 161, 238].map((line) => [line, 'refused']),
      );
      expect(outcome.rejected[0]?.message).toBe('The database refused this line (SQLSTATE XX123)');
      expect(await primary.query('SELECT count(*)::int AS count FROM customers')).toEqual([{ count: 296 }]);
    }));

  test.each(['40001', '40P01'])('that meets %s fails as a whole, to be done again', (state) =>
    withTrigger('customers', 'true', `RAISE EXCEPTION 'later' USING ERRCODE = '${state}'`, async () => {
      await expect(writeCustomers([customer(2, 'A', 'a@x')])).rejects.toThrow(/later/);
    }),
  );

  test('writes rows in the order of the file, and of equal addresses the first', async () => {
    const outcome = await writeCustomers([
      customer(2, 'A', 'a@x'),
      customer(3, 'B', 'b@x'),
      customer(4, 'A again', 'a@x'),
    ]);

    expect(outcome).toMatchObject({ inserted: 2, rejected: [{ line: 4, code: 'taken' }] });
    expect(await primary.query('SELECT name FROM customers ORDER BY id')).toEqual([{ name: 'A' }, { name: 'B' }]);
  });

  test('of accounts whose customer is deleted meanwhile rejects those rows', async () => {
    await writeCustomers([customer(2, 'A', 'a@x'), customer(3, 'B', 'b@x')]);
    const account = (line: number, customerEmail: string): AccountRow => ({
      line,
      cells: [],
      id: null,
      customerId: null,
      customerEmail,
      name: `Account ${line}`,
      status: 'active',
    });
    // The statement has found the customer when its trigger takes it away.
    const vanish = `DELETE FROM customers WHERE email = 'a@x'`;
    await withTrigger('accounts', `NEW.name = 'Account 2'`, vanish, async () => {
      const rows = [account(2, 'a@x'), account(3, 'b@x'), account(4, 'nobody@x')];
      const outcome = await inTransaction(() => writer().write(order('insert'), { entity: 'accounts', rows }));

      expect(outcome.inserted).toBe(1);
      expect(outcome.rejected.map(({ line, code }) => [line, code])).toEqual([
        [2, 'refused'],
        [4, 'unknown'],
      ]);
    });
  });
});

describe('whatever the rows are', () => {
  const EMAILS = ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'];
  const rows = fc
    .array(
      fc.record({
        id: fc.option(fc.constantFrom(9001001, 9001002, 9001003, 9002001, 9009999), { freq: 2 }),
        name: fc.constantFrom('P', 'Q', 'R'),
        email: fc.constantFrom(...EMAILS),
      }),
      { minLength: 1, maxLength: 14 },
    )
    .map((all) => all.map(({ id, name, email }, index) => customer(index + 2, name, email, id)));

  async function reset(): Promise<void> {
    await primary.query('DELETE FROM customers');
    await primary.query('DELETE FROM import_trials');
    await primary.query(`INSERT INTO customers (id, organization_id, name, email) VALUES
      (9001001, 1, 'One', 'a@x'), (9001002, 1, 'Two', 'b@x'), (9001003, 1, NULLIF('Three', ''), 'c@x'), (9002001, 2, 'Foreign', 'd@x')`);
  }
  const state = () =>
    primary.query(`SELECT CASE WHEN id > 9000000 THEN id END AS id, organization_id, name, email
      FROM customers ORDER BY organization_id, email`);
  const brief = ({ inserted, updated, rejected }: WriteOutcome) => ({
    inserted,
    updated,
    rejected: rejected.map(({ line, field, code }) => [line, field, code]).sort(([a], [b]) => Number(a) - Number(b)),
  });

  test.each(['insert', 'upsert'] as const)(
    'all at once does what one after the other does, and a trial foretells it (%s)',
    async (mode) => {
      const fitting = rows.map((all) => (mode === 'insert' ? all.map((row) => ({ ...row, id: null })) : all));
      await fc.assert(
        fc.asyncProperty(fitting, fc.nat(13), async (all, cut) => {
          await reset();
          const tried = addOutcome(
            await tryCustomers(all.slice(0, cut), mode),
            await tryCustomers(all.slice(cut), mode),
          );
          const atOnce = await writeCustomers(all, mode);
          const after = await state();
          await reset();
          let oneByOne = emptyOutcome();
          for (const row of all) oneByOne = addOutcome(oneByOne, await writeCustomers([row], mode));

          expect(brief(atOnce)).toEqual(brief(oneByOne));
          expect(after).toEqual(await state());
          expect(brief(tried)).toEqual(brief(oneByOne));
        }),
        { numRuns: 60 },
      );
    },
  );
});
