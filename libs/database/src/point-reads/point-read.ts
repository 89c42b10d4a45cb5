import type { ReadSession } from '../routing/read-session.js';
import { positionedStatement } from '../servers/position.sql.js';
import type { Positioned, PositionedServer, PositionedStatement } from '../servers/statement.js';
import { currentTransaction } from '../transactions/current-transaction.js';

/** One organization's question for one row, and who waits for the answer. */
interface Question {
  session: ReadSession;
  organizationId: number;
  id: number;
  answer(json: string | null): void;
  fail(error: unknown): void;
}

interface Row {
  number: number;
  json: string | null;
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
  private readonly one: PositionedStatement;
  private readonly several: PositionedStatement;
  private readonly open = new WeakMap<PositionedServer, Question[]>();

  /** @param json an SQL expression: one row of the table as the text of its JSON object. */
  constructor(table: string, json: string) {
    this.one = positionedStatement(
      `point-read-${table}`,
      (position) => `SELECT 1 AS number, ${position} AS position,
         (SELECT ${json} FROM ${table} WHERE organization_id = $1 AND id = $2::bigint) AS json`,
    );
    // The arrays are wrapped in SELECTs to hide their length from the planner: it would plan anew for each length, which
    // costs more than the lookups.
    this.several = positionedStatement(
      `point-reads-${table}`,
      (position) => `SELECT number::int, CASE WHEN number = 1 THEN ${position} END AS position, (
         SELECT ${json} FROM ${table} WHERE ${table}.organization_id = asked.organization_id AND ${table}.id = asked.id
       ) AS json
       FROM unnest((SELECT $1::int[]), (SELECT $2::bigint[]))
         WITH ORDINALITY AS asked (organization_id, id, number)`,
    );
  }

  /** The row's JSON text; null when the organization has none with this id. Fails as the session's statements do. */
  find(session: ReadSession, organizationId: number, id: number): Promise<string | null> {
    return new Promise((answer, fail) => {
      const question = { session, organizationId, id, answer, fail };
      if (currentTransaction() === undefined) this.askTogether(session.server, question);
      else void this.ask(session.server, [question]);
    });
  }

  private askTogether(server: PositionedServer, question: Question): void {
    const waiting = this.open.get(server);
    if (waiting !== undefined && waiting.length < MOST_AT_ONCE) {
      waiting.push(question);
      return;
    }
    const questions = [question];
    this.open.set(server, questions);
    setImmediate(() => {
      if (this.open.get(server) === questions) this.open.delete(server);
      void this.ask(server, questions);
    });
  }

  private async ask(server: PositionedServer, questions: Question[]): Promise<void> {
    try {
      const found = await this.query(server, questions);
      for (const { session } of questions) session.note(found);
      for (const { number, json } of found.rows) questions[number - 1]?.answer(json);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  private query(server: PositionedServer, questions: Question[]): Promise<Positioned<Row>> {
    const [only] = questions;
    if (questions.length === 1 && only) return server.queryAt(this.one, [only.organizationId, only.id]);
    const organizations = `{${questions.map(({ organizationId }) => organizationId).join(',')}}`;
    const ids = `{${questions.map(({ id }) => id).join(',')}}`;
    return server.queryAt(this.several, [organizations, ids]);
  }
}
