import type { QueryRunner } from 'typeorm';
import { MigrationRefusedError } from '../migration-refused.error.js';
import { COLUMN_TYPES, GO_TABLES, OWN_TABLES } from './go-tables.js';

interface FoundColumn {
  table: string;
  /** `r` for an ordinary table. */
  kind: string;
  column: string;
  type: string;
}

const COLUMNS = `SELECT c.relname AS "table", c.relkind AS "kind", a.attname AS "column",
    regexp_replace(format_type(a.atttypid, a.atttypmod), '\\(.*?\\)', '') AS "type"
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1)`;

/** Refuses a database whose tables have the right names but are neither the Go service's nor absent. */
export async function checkTables(runner: QueryRunner): Promise<string> {
  const columns: FoundColumn[] = await runner.query(COLUMNS, [[...Object.keys(GO_TABLES), ...OWN_TABLES]]);
  const found = groupByTable(columns);
  const problems = [
    ...OWN_TABLES.filter((name) => found.has(name)).map((name) => `there is a table ${name} already`),
    ...Object.keys(GO_TABLES).flatMap((name) => problemsOf(name, found.get(name))),
  ];
  if (problems.length > 0) {
    throw new MigrationRefusedError(
      `This is not a database of the Go service, nothing was changed: ${problems.join('; ')}`,
    );
  }
  const present = Object.keys(GO_TABLES).filter((name) => found.has(name));
  return present.length === 0 ? 'There are no tables yet' : `Adopting ${present.join(', ')}`;
}

/** Makes the adoption wait for, and then shut out, whoever else works on the tables. */
export async function lockTables(runner: QueryRunner): Promise<undefined> {
  const present: { table: string }[] = await runner.query(
    `SELECT t AS "table" FROM unnest($1::text[]) t WHERE to_regclass('public.' || t) IS NOT NULL`,
    [Object.keys(GO_TABLES)],
  );
  const names = present.map((row) => row.table).join(', ');
  if (names !== '') await runner.query(`LOCK TABLE ${names} IN ACCESS EXCLUSIVE MODE`);
}

function groupByTable(columns: FoundColumn[]): Map<string, FoundColumn[]> {
  const tables = new Map<string, FoundColumn[]>();
  for (const column of columns) tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
  return tables;
}

function problemsOf(table: string, found: FoundColumn[] | undefined): string[] {
  if (found === undefined) return [];
  if (found[0]?.kind !== 'r') return [`${table} is no ordinary table`];
  const types = new Map(found.map(({ column, type }) => [column, type]));
  const wrong = Object.entries(GO_TABLES[table] ?? {}).flatMap(([column, kind]) => {
    const type = types.get(column);
    if (type === undefined) return [`${table} has no column ${column}`];
    return COLUMN_TYPES[kind].includes(type) ? [] : [`${table}.${column} is of type ${type}`];
  });
  const extra = ['organization_id', 'role', 'is_operator'].filter((column) => types.has(column));
  return [...wrong, ...extra.map((column) => `${table} has a column ${column} already`)];
}
