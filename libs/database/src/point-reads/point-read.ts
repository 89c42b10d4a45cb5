import { type SqlSession, type Statement, statement } from '../servers/statement.js';
import { currentTransaction } from '../transactions/current-transaction.js';

/** One organization's question for one row, and who waits for the answer. */
interface Question {
  organizationId: number;
  id: number;
  answer(json: string | null): void;
  fail(error: unknown): void;
}

/** More than one statement should carry: beyond this the first caller would wait for the last one's row. */
const MOST_AT_ONCE = 200;

/**
 * Reads single rows by organization and id. The questions that reach a server in one turn of the event loop go out as
 * one statement: the round trip, not the row, is what such a read costs. A question that comes alone waits for the end
 * of its turn, some microseconds. Each question is answered by a lookup of its own that names its organization, and its
 * answer comes back under its number, so that no caller can get what another one asked for.
 *
 * Inside a transaction a question is asked at once, on the transaction's connection.
 */
export class PointRead {
  private readonly statement: Statement;
  private readonly open = new WeakMap<SqlSession, Question[]>();

  /** @param json an SQL expression: one row of the table as the text of its JSON object. */
  constructor(table: string, json: string) {
    this.statement = statement(
      `point-read-${table}`,
      `SELECT number::int, (
         SELECT ${json} FROM ${table} WHERE ${table}.id = asked.id AND ${table}.organization_id = asked.organization_id
       ) AS json
       FROM unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS asked (organization_id, id, number)`,
    );
  }

  /** The row's JSON text; null when the organization has none with this id. Fails as the session's statements do. */
  find(session: SqlSession, organizationId: number, id: number): Promise<string | null> {
    return new Promise((answer, fail) => {
      const question = { organizationId, id, answer, fail };
      if (currentTransaction() === undefined) this.askTogether(session, question);
      else void this.ask(session, [question]);
    });
  }

  private askTogether(session: SqlSession, question: Question): void {
    const waiting = this.open.get(session);
    if (waiting !== undefined && waiting.length < MOST_AT_ONCE) {
      waiting.push(question);
      return;
    }
    const questions = [question];
    this.open.set(session, questions);
    setImmediate(() => {
      if (this.open.get(session) === questions) this.open.delete(session);
      void this.ask(session, questions);
    });
  }

  private async ask(session: SqlSession, questions: Question[]): Promise<void> {
    const organizations = `{${questions.map(({ organizationId }) => organizationId).join(',')}}`;
    const ids = `{${questions.map(({ id }) => id).join(',')}}`;
    try {
      const rows = await session.query<{ number: number; json: string | null }>(this.statement, [organizations, ids]);
      for (const { number, json } of rows) questions[number - 1]?.answer(json);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }
}
