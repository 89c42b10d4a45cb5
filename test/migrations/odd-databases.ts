import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { withClient } from './go-database.js';

/** Makes a database with the given options of CREATE DATABASE on the shared primary. */
export async function createDatabaseWith(options: string): Promise<{ url: string; drop(): Promise<void> }> {
  const shared = inject('primaryUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await withClient(shared, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0 ${options}`));
  const url = new URL(shared);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await withClient(shared, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

/** What PostgreSQL itself knows about the tables of Tandem, to compare two databases by. */
export async function schemaOf(url: string): Promise<Record<string, unknown[]>> {
  return withClient(url, async (client) => {
    const read = async (query: string): Promise<unknown[]> => (await client.query(query)).rows;
    return {
      columns:
        await read(`SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'notes'
        ORDER BY table_name, ordinal_position`),
      constraints: await read(`SELECT conrelid::regclass::text AS "table", pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> coalesce(to_regclass('notes'), 0)
          AND contype <> 'n' ORDER BY 1, 2`),
      indexes: await read(`SELECT indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'notes' ORDER BY 1`),
      functions: await read(`SELECT proname, prosrc FROM pg_proc WHERE proname = 'search_fold'`),
    };
  });
}
