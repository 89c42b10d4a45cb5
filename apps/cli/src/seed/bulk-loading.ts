import type { SqlSession } from '@app/database';
import type { ProgressPrinter } from '../progress-printer.js';

interface Detached {
  drop: string;
  create: string;
  title: string;
}

/** Everything but keys: what the rows don't need while they come in. Foreign keys to these tables stay as they are. */
const CONSTRAINTS = `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS "drop",
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS "create",
    'Check ' || conname AS title
  FROM pg_constraint
  WHERE contype IN ('f', 'u') AND conrelid IN ('customers'::regclass, 'accounts'::regclass)
  ORDER BY contype DESC, conname`;
const INDEXES = `SELECT format('DROP INDEX %s', indexrelid::regclass) AS "drop", pg_get_indexdef(indexrelid) AS "create",
    'Index ' || indexrelid::regclass AS title
  FROM pg_index x
  WHERE indrelid IN ('customers'::regclass, 'accounts'::regclass)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
  ORDER BY indrelid, indexrelid`;

/**
 * Takes secondary indexes, unique constraints and foreign keys off customers and accounts, and answers a function that
 * puts the very same ones back. Both belong into one transaction, so nobody ever sees the tables without them.
 */
export async function detachForLoading(session: SqlSession, printer: ProgressPrinter): Promise<() => Promise<void>> {
  await session.query('LOCK TABLE customers, accounts IN ACCESS EXCLUSIVE MODE');
  const detached = [...(await session.query<Detached>(INDEXES)), ...(await session.query<Detached>(CONSTRAINTS))];
  for (const { drop } of detached) await session.query(drop);
  return async () => {
    await session.query(`SET LOCAL maintenance_work_mem = '256MB'`);
    for (const [index, { create, title }] of detached.entries()) {
      printer.update(`${title} (${index + 1} of ${detached.length})`);
      await session.query(create);
    }
  };
}
