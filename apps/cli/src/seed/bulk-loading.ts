import type { SqlSession } from '@app/database';
import type { ProgressPrinter } from '../progress-printer.js';
import { refillRollups } from './tables.js';

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

/** Those that count and log each change: the rows are counted once, when all have come. */
const TRIGGERS = `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS "drop",
    format('ALTER TABLE %s ENABLE TRIGGER %I', tgrelid::regclass, tgname) AS "create", 'Enable ' || tgname AS title
  FROM pg_trigger
  WHERE tgrelid IN ('customers'::regclass, 'accounts'::regclass) AND tgname ~ '^(rollups|log)_' AND tgenabled = 'O'
  ORDER BY tgname`;

/**
 * Takes secondary indexes, unique constraints, foreign keys and counting triggers off customers and accounts, and answers a
 * function that puts the very same ones back and counts the rows. Both belong into one transaction, so nobody ever sees the
 * tables without them.
 */
export async function detachForLoading(session: SqlSession, printer: ProgressPrinter): Promise<() => Promise<void>> {
  await session.query('LOCK TABLE customers, accounts IN ACCESS EXCLUSIVE MODE');
  const detached: Detached[] = [];
  for (const query of [INDEXES, CONSTRAINTS, TRIGGERS]) detached.push(...(await session.query<Detached>(query)));
  for (const { drop } of detached) await session.query(drop);
  return async () => {
    await session.query(`SET LOCAL maintenance_work_mem = '256MB'`);
    for (const [index, { create, title }] of detached.entries()) {
      printer.update(`${title} (${index + 1} of ${detached.length})`);
      await session.query(create);
    }
    printer.update('Count the rows');
    await refillRollups(session);
  };
}
