import type { SqlSession } from '@app/database';
import type pg from 'pg';

/** One connection as the libraries take it. */
export function sessionOf(client: pg.Client | pg.PoolClient): SqlSession {
  return {
    query: async <Row extends object>(query: { text: string } | string, values: readonly unknown[] = []) =>
      (await client.query<Row>(typeof query === 'string' ? query : query.text, [...values])).rows,
  };
}
