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
  private readonly one: Statement;
  private readonly several: Statement;
  private readonly open = new WeakMap<SqlSession, Question[]>();

  /** @param json an SQL expression: one row of the table as the text of its JSON object. */
  constructor(table: string, json: string) {
    this.one = statement(
      `point-read-${table}`,
      `SELECT 1 AS number, ${json} AS json FROM ${table} WHERE organization_id = $1 AND id = $2::bigint`,
    );
    // The arrays are wrapped in SELECTs to hide their length from the planner: it would plan anew for each length, which
    // costs more than the lookups.
    this.several = statement(
      `point-reads-${table}`,
      `SELECT number::int, (
         SELECT ${json} FROM ${table} WHERE ${table}.organization_id = asked.organization_id AND ${table}.id = asked.id
       ) AS json
       FROM unnest((SELECT $1::int[]), (SELECT $2::bigint[]))
         WITH ORDINALITY AS asked (organization_id, id, number)`,
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
    try {
      const rows = await this.query(session, questions);
      for (const { number, json } of rows) questions[number - 1]?.answer(json);
      // An organization that lacks the only row asked for gets no line at all.
      if (rows.length === 0) questions[0]?.answer(null);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  private query(session: SqlSession, questions: Question[]): Promise<{ number: number; json: string | null }[]> {
    const [only] = questions;
    if (questions.length === 1 && only) return session.query(this.one, [only.organizationId, only.id]);
    const organizations = `{${questions.map(({ organizationId }) => organizationId).join(',')}}`;
    const ids = `{${questions.map(({ id }) => id).join(',')}}`;
    return session.query(this.several, [organizations, ids]);
  }
}
