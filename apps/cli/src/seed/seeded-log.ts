import type { SqlSession } from '@app/database';

const INSERTS = ['customers', 'accounts'];

/**
 * Keeps a large load out of the change log, and answers a function that lets the log begin with what is there then: an event
 * for each of millions of rows would tell nobody anything. For tables that were empty, in one transaction.
 */
export async function detachLog(session: SqlSession): Promise<() => Promise<void>> {
  for (const table of INSERTS) await session.query(`ALTER TABLE ${table} DISABLE TRIGGER log_${table}_insert`);
  return async () => {
    for (const table of INSERTS) await session.query(`ALTER TABLE ${table} ENABLE TRIGGER log_${table}_insert`);
    await session.query(`DELETE FROM events WHERE entity IN ('customer', 'account', 'balance')`);
    await session.query('SELECT change_log_open_balances()');
  };
}

/** With the rows goes what was told of them. */
export async function clearLog(session: SqlSession): Promise<void> {
  await session.query('TRUNCATE events, opening_balances');
}
