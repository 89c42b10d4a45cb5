import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { ReadSession } from '../routing/read-session.js';
import { withoutPositions } from '../routing/routed-read.js';
import { PRIMARY_POSITION } from '../servers/position.sql.js';
import { clientSession, ServerPool } from '../servers/server-pool.js';
import type { PositionedServer, Statement } from '../servers/statement.js';
import { runInTransaction } from '../transactions/current-transaction.js';
import { PointRead } from './point-read.js';

const THINGS = new PointRead('things', `'{"id":' || id || ',"name":' || to_json(name) || '}'`);
const nameOf = (json: string | null): string | null => json && JSON.parse(json).name;

let database: TestDatabase;
let pool: ServerPool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new ServerPool('test', {
    connectionString: database.primaryUrl,
    max: 2,
    pipeline: true,
    position: PRIMARY_POSITION,
    checkouts: { waited: () => undefined, timedOut: () => undefined },
  });
  await pool.query('CREATE TABLE things (id int PRIMARY KEY, organization_id int NOT NULL, name text NOT NULL)');
  await pool.query(
    `INSERT INTO things SELECT n, 1 + n % 2, CASE n % 2 WHEN 0 THEN 'first ' ELSE 'second ' END || n
     FROM generate_series(1, 500) n`,
  );
});
afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

/** The pool, with the number of rows that each statement sent to it asked for. */
class CountedServer implements PositionedServer {
  readonly asked: number[] = [];

  async queryAt<Row extends object>(query: Statement | string, values: readonly unknown[] = []) {
    const answer = await pool.queryAt<Row>(query, values);
    this.asked.push(answer.rows.length);
    return answer;
  }

  inSnapshot: PositionedServer['inSnapshot'] = (fn) => pool.inSnapshot(fn);
}

describe('PointRead', () => {
  let server: CountedServer;
  let session: ReadSession;
  beforeEach(() => {
    server = new CountedServer();
    session = new ReadSession(server);
  });

  it('sends what is asked in one turn as one statement and answers everyone with their own row', async () => {
    const ids = [8, 2, 8, 500, 4];
    const answers = await Promise.all(ids.map((id) => THINGS.find(session, 1, id)));
    expect(answers.map(nameOf)).toEqual(ids.map((id) => `first ${id}`));
    expect(server.asked).toEqual([5]);
  });

  it('shows nobody the row of another organization that is asked for in the same statement', async () => {
    const asked = [
      THINGS.find(session, 1, 10),
      THINGS.find(session, 2, 10),
      THINGS.find(session, 2, 11),
      THINGS.find(session, 1, 11),
      THINGS.find(session, 3, 10),
    ];
    expect((await Promise.all(asked)).map(nameOf)).toEqual(['first 10', null, 'second 11', null, null]);
    expect(server.asked).toEqual([5]);
  });

  it('answers null for what is not there, ids beyond the key included', async () => {
    const ids = [0, -1, 501, 2_147_483_648, Number.MAX_SAFE_INTEGER];
    expect(await Promise.all(ids.map((id) => THINGS.find(session, 1, id)))).toEqual(ids.map(() => null));
  });

  it('sends a question that comes in a later turn by itself', async () => {
    const first = THINGS.find(session, 1, 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await Promise.all([first, THINGS.find(session, 1, 4)])).map(nameOf)).toEqual(['first 2', 'first 4']);
    expect(server.asked).toEqual([1, 1]);
  });

  it('keeps the questions to different servers apart', async () => {
    const other = new CountedServer();
    const there = new ReadSession(other);
    await Promise.all([THINGS.find(session, 1, 2), THINGS.find(there, 1, 2), THINGS.find(session, 2, 3)]);
    expect([server.asked, other.asked]).toEqual([[2], [1]]);
  });

  it('puts the questions of several readers together and tells each of them the position', async () => {
    const readers = [session, new ReadSession(server), new ReadSession(server)];
    const before = await pool.position();
    const found = await Promise.all(readers.map((reader, index) => THINGS.find(reader, 1, 2 * (index + 1))));
    expect(found.map(nameOf)).toEqual(['first 2', 'first 4', 'first 6']);
    expect(server.asked).toEqual([3]);
    const [{ isReached } = { isReached: false }] = await pool.query<{ isReached: boolean }>(
      'SELECT bool_and(position >= $2) AS "isReached" FROM unnest($1::pg_lsn[]) AS position',
      [readers.map(({ position }) => position), before],
    );
    expect(isReached).toBe(true);
  });

  it('tells no position where the statement failed', async () => {
    const nowhere = new PointRead('nowhere', `'{}'`);
    await expect(nowhere.find(session, 1, 1)).rejects.toMatchObject({ code: '42P01' });
    expect(session.position).toBeNull();
  });

  it('puts at most 200 questions into one statement', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => index + 1);
    const answers = await Promise.all(ids.map((id) => THINGS.find(session, 1 + (id % 2), id)));
    expect(answers.every((json, index) => JSON.parse(json ?? '{}').id === index + 1)).toBe(true);
    expect(server.asked.sort()).toEqual([100, 200, 200]);
  });

  it('fails everyone who asked together when the statement fails, and nobody who asks later', async () => {
    const absent = new PointRead('absent_things', `'{}'`);
    const outcomes = await Promise.allSettled([absent.find(session, 1, 1), absent.find(session, 2, 2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await pool.query('CREATE TABLE absent_things (id int, organization_id int)');
    await pool.query('INSERT INTO absent_things VALUES (1, 1)');
    expect(await absent.find(session, 1, 1)).toBe('{}');
  });

  it("asks on the transaction's connection inside a transaction", async () => {
    await pool.withClient(async (client) => {
      await client.query('BEGIN');
      await client.query(`UPDATE things SET name = 'not committed' WHERE id = 2`);
      const transaction = {
        session: clientSession(client),
        manager: undefined as never,
        writers: new Set<number>(),
        afterCommit: [],
      };
      const reader = new ReadSession(withoutPositions(transaction.session));
      const inside = runInTransaction(transaction, () => THINGS.find(reader, 1, 2));
      const outside = THINGS.find(session, 1, 2);
      expect((await Promise.all([inside, outside])).map(nameOf)).toEqual(['not committed', 'first 2']);
      await client.query('ROLLBACK');
    });
  });
});
