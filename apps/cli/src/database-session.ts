import { connectionSettings, type SqlSession, type Statement } from '@app/database';
import pg from 'pg';

/** Runs `work` on one connection to the primary, without a limit on statements, and closes it. */
export async function withSession<T>(
  url: string,
  applicationName: string,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const settings = { applicationName, connectTimeoutMs: 10_000, statementTimeoutMs: 0, readOnly: false };
  const client = new pg.Client(connectionSettings(url, settings));
  // A connection that breaks between two statements fails the next one, and that is where it is told.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(sessionOf(client));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs `work` in one transaction: all of it stays or nothing. */
export async function inTransaction<T>(session: SqlSession, work: () => Promise<T>): Promise<T> {
  await session.query('BEGIN');
  try {
    const result = await work();
    await session.query('COMMIT');
    return result;
  } catch (error) {
    // The first failure is the one to tell; where the connection is gone, so is the transaction.
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function sessionOf(client: pg.Client): SqlSession {
  return {
    query: async <Row extends object>(query: Statement | string, values: readonly unknown[] = []) => {
      const text = typeof query === 'string' ? query : query.text;
      return (await client.query<Row>(text, [...values])).rows;
    },
  };
}
