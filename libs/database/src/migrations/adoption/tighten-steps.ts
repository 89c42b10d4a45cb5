import type { QueryRunner } from 'typeorm';
import type { MigrationStep } from '../migration-steps.js';
import { GO_TABLES } from './go-tables.js';

/**
 * Gives times a default and every column its NOT NULL. Times that are NULL become the time of the adoption; other columns
 * keep their NULLs, and then stay nullable.
 */
export const TIGHTEN_STEPS: readonly MigrationStep[] = Object.entries(GO_TABLES).map(([table, columns]) => ({
  title: `Fill times and forbid NULL in ${table}`,
  run: async (runner) => {
    const times = Object.keys(columns).filter((column) => columns[column] === 'time');
    const others = Object.keys(columns).filter((column) => columns[column] !== 'time' && column !== 'id');
    const nulls = await countNulls(runner, table, [...times, ...others]);
    const isFilled = times.some((column) => nulls[column] !== 0);
    const filled = isFilled ? await withoutTriggers(runner, table, () => fillTimes(runner, table, times)) : 0;
    const forbidden = [...times, ...others.filter((column) => nulls[column] === 0)];
    const changes = [
      ...times.map((column) => `ALTER COLUMN ${column} SET DEFAULT (now() AT TIME ZONE 'UTC')`),
      ...forbidden.map((column) => `ALTER COLUMN ${column} SET NOT NULL`),
    ];
    await runner.query(`ALTER TABLE ${table} ${changes.join(', ')}`);
    const remarks = others
      .filter((column) => nulls[column] !== 0)
      .map((column) => `${nulls[column]} have no ${column}`);
    if (isFilled) remarks.unshift(`${filled} had no ${times.join(' or no ')} and got the present time there`);
    return remarks.length === 0 ? undefined : `Rows of ${table}: ${remarks.join('; ')}`;
  },
}));

async function countNulls(runner: QueryRunner, table: string, columns: string[]): Promise<Record<string, number>> {
  const counts = columns.map((column) => `count(*) FILTER (WHERE ${column} IS NULL)::float8 AS ${column}`);
  const [row] = await runner.query(`SELECT ${counts.join(', ')} FROM ${table}`);
  return row;
}

/** Answers how many rows it changed. */
async function fillTimes(runner: QueryRunner, table: string, columns: string[]): Promise<number> {
  const filled = columns.map((column) => `${column} = coalesce(${column}, now() AT TIME ZONE 'UTC')`);
  const isNull = columns.map((column) => `${column} IS NULL`);
  const update = `UPDATE ${table} SET ${filled.join(', ')} WHERE ${isNull.join(' OR ')}`;
  return (await runner.query(update, [], true)).affected ?? 0;
}

/** A trigger that keeps `updated_at` would overwrite a time that is there. */
async function withoutTriggers<T>(runner: QueryRunner, table: string, work: () => Promise<T>): Promise<T> {
  const triggers: { name: string }[] = await runner.query(
    `SELECT quote_ident(tgname) AS name FROM pg_trigger
      WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled = 'O'`,
    [table],
  );
  for (const { name } of triggers) await runner.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  const result = await work();
  for (const { name } of triggers) await runner.query(`ALTER TABLE ${table} ENABLE TRIGGER ${name}`);
  return result;
}
