import type { SqlSession } from '../servers/statement.js';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.js';

/**
 * The names of this build's migrations that have not run on the session's database, oldest first; empty when the schema
 * is complete. Migrations that a newer build ran there are not looked at.
 */
export async function pendingMigrationNames(session: SqlSession): Promise<string[]> {
  const done = new Set(await executedNames(session));
  return MIGRATIONS.map((Migration) => new Migration().name).filter((name) => !done.has(name));
}

async function executedNames(session: SqlSession): Promise<string[]> {
  const table = `public.${MIGRATIONS_TABLE}`;
  const [found] = await session.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS "exists"', [table]);
  if (!found?.exists) return [];
  return (await session.query<{ name: string }>(`SELECT name FROM ${table}`)).map((row) => row.name);
}
