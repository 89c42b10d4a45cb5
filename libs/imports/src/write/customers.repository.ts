import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { ImportMode } from '../import-options.js';
import type { CustomerRow } from '../rows/import-row.js';
import { guardedWrite } from './guarded-write.js';
import { runsOf } from './runs-of-rows.js';
import { addOutcome, emptyOutcome, REASONS, rejectRow, type WriteOutcome } from './write-outcome.js';

const ROWS = 'unnest($2::text[], $3::text[]) WITH ORDINALITY AS r (name, email, place)';
/** Of rows with the same address the first is inserted. */
const INSERT = statement(
  'imports.insert-customers',
  `INSERT INTO customers (organization_id, name, email) SELECT $1, name, email FROM ${ROWS} ORDER BY place
   ON CONFLICT (organization_id, email) DO NOTHING RETURNING email`,
);
/** What is the same already is not written: nothing happened to it. */
const UPSERT = statement(
  'imports.upsert-customers',
  `INSERT INTO customers AS known (organization_id, name, email) SELECT $1, name, email FROM ${ROWS} ORDER BY place
   ON CONFLICT (organization_id, email) DO UPDATE SET name = excluded.name, updated_at = now() AT TIME ZONE 'UTC'
     WHERE known.name IS DISTINCT FROM excluded.name
   RETURNING known.xmax = 0 AS "isNew"`,
);
const LOOK = statement(
  'imports.look-at-customers',
  `SELECT (c.id IS NOT NULL) AS "isKnown", (o.id IS NOT NULL) AS "isTaken"
   FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS r (id, email, place)
   LEFT JOIN LATERAL (SELECT id FROM customers WHERE organization_id = $1 AND id = r.id LIMIT 1) AS c ON true
   LEFT JOIN LATERAL (SELECT id FROM customers WHERE organization_id = $1 AND email = r.email AND id <> r.id LIMIT 1) AS o
     ON true
   ORDER BY place`,
);
const UPDATE = statement(
  'imports.update-customers',
  `UPDATE customers AS known SET name = r.name, email = r.email, updated_at = now() AT TIME ZONE 'UTC'
   FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r (id, name, email)
   WHERE known.organization_id = $1 AND known.id = r.id
     AND (known.name IS DISTINCT FROM r.name OR known.email IS DISTINCT FROM r.email)`,
);

/** Writes rows of a file into `customers`, as if each were written after the one before. In a transaction of the caller's. */
@Injectable()
export class CustomersWriteRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async write(organizationId: number, rows: readonly CustomerRow[], mode: ImportMode): Promise<WriteOutcome> {
    if (mode === 'insert') return this.guarded(rows, (some) => this.insert(organizationId, some));
    let outcome = emptyOutcome();
    const runs = runsOf(rows, kindOf, ({ id, email }) => [`email ${email}`, ...(id === null ? [] : [`id ${id}`])]);
    for (const run of runs) {
      const isById = run[0]?.id !== null;
      const write = isById ? this.updateById.bind(this) : this.upsert.bind(this);
      outcome = addOutcome(outcome, await this.guarded(run, (some) => write(organizationId, some)));
    }
    return outcome;
  }

  private guarded(rows: readonly CustomerRow[], write: (rows: readonly CustomerRow[]) => Promise<WriteOutcome>) {
    return guardedWrite(this.primary, rows, write);
  }

  private async insert(organizationId: number, rows: readonly CustomerRow[]): Promise<WriteOutcome> {
    const found = await this.primary.write<{ email: string }>(organizationId, INSERT, [organizationId, ...texts(rows)]);
    const inserted = new Set(found.map(({ email }) => email));
    // `delete` answers whether it was there: a second row with the address finds it gone.
    const rejected = rows.filter(({ email }) => !inserted.delete(email));
    return { inserted: found.length, updated: 0, rejected: rejected.map((row) => rejectRow(row, REASONS.emailTaken)) };
  }

  private async upsert(organizationId: number, rows: readonly CustomerRow[]): Promise<WriteOutcome> {
    const values = [organizationId, ...texts(rows)];
    const written = await this.primary.write<{ isNew: boolean }>(organizationId, UPSERT, values);
    const inserted = written.filter(({ isNew }) => isNew).length;
    return { inserted, updated: rows.length - inserted, rejected: [] };
  }

  private async updateById(organizationId: number, rows: readonly CustomerRow[]): Promise<WriteOutcome> {
    const ids = rows.map(({ id }) => id);
    const [names, emails] = texts(rows);
    const seen = await this.primary.query<{ isKnown: boolean; isTaken: boolean }>(LOOK, [organizationId, ids, emails]);
    // Whether an address that another customer has now is free by then depends on the rows before: one after the other.
    if (rows.length > 1 && seen.some(({ isTaken }) => isTaken)) return this.oneByOne(organizationId, rows);
    const [only] = seen;
    const [row] = rows;
    if (only?.isKnown && only.isTaken && row)
      return { ...emptyOutcome(), rejected: [rejectRow(row, REASONS.emailTaken)] };
    const rejected = rows.filter((_row, index) => !seen[index]?.isKnown);
    await this.primary.write(organizationId, UPDATE, [organizationId, ids, names, emails]);
    return {
      inserted: 0,
      updated: rows.length - rejected.length,
      rejected: rejected.map((unknown) => rejectRow(unknown, REASONS.customerNotFound)),
    };
  }

  private async oneByOne(organizationId: number, rows: readonly CustomerRow[]): Promise<WriteOutcome> {
    let outcome = emptyOutcome();
    for (const row of rows) outcome = addOutcome(outcome, await this.updateById(organizationId, [row]));
    return outcome;
  }
}

const kindOf = ({ id }: CustomerRow): string => (id === null ? 'by e-mail' : 'by id');

function texts(rows: readonly CustomerRow[]): [string[], string[]] {
  return [rows.map(({ name }) => name), rows.map(({ email }) => email)];
}
