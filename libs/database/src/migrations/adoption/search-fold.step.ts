import type { QueryRunner } from 'typeorm';

/** Tried in this order: the database's own rules, then those that know every script whatever the database's are. */
const COLLATIONS = ['"default"', 'pg_catalog."pg_c_utf8"', 'pg_catalog."und-x-icu"'] as const;

/**
 * Creates `search_fold`, by which names and addresses are compared without regard to case in every script. The collation
 * is written into the function, so that an index on it never means something else than the query. One plain expression,
 * immutable and not strict, so that the planner puts its body in place of the call.
 */
export async function createSearchFold(runner: QueryRunner): Promise<string | undefined> {
  await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
  const collation = await findFoldingCollation(runner);
  const expression = collation === undefined ? 'lower($1)' : `lower($1 COLLATE ${collation})`;
  await runner.query(`CREATE FUNCTION search_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT ${expression} $$`);
  return collation === undefined ? 'This server knows upper and lower case of ASCII only: search will, too' : undefined;
}

/** In an encoding other than UTF-8 the other collations, and the letters tried here, may not even exist. */
async function findFoldingCollation(runner: QueryRunner): Promise<string | undefined> {
  const [server] = await runner.query('SELECT getdatabaseencoding() AS encoding');
  if (server.encoding !== 'UTF8') return undefined;
  for (const collation of COLLATIONS) {
    if ((await exists(runner, collation)) && (await folds(runner, collation))) return collation;
  }
  return undefined;
}

async function exists(runner: QueryRunner, collation: string): Promise<boolean> {
  const [row] = await runner.query('SELECT to_regcollation($1) IS NOT NULL AS present', [collation]);
  return row.present;
}

async function folds(runner: QueryRunner, collation: string): Promise<boolean> {
  const [row] = await runner.query(`SELECT lower('ÄЖ' COLLATE ${collation}) = 'äж' AS folds`);
  return row.folds;
}

/** The operator class of trigram indexes, by the schema the extension is in: it may have been there before us. */
export async function findTrigramClass(runner: QueryRunner): Promise<string> {
  const [row] = await runner.query(
    `SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'pg_trgm'`,
  );
  return `${row.schema}.gin_trgm_ops`;
}
