import { parseLsn } from '../positions/lsn.js';
import type { Positioned, PositionedQuery, PositionedServer, SqlSession } from '../servers/statement.js';

/**
 * The session of one routed read. It runs its statements on the server that was picked and remembers how far that
 * server's log was afterwards, which becomes the token that the client gets.
 */
export class ReadSession implements SqlSession {
  /** The furthest position that an answer may hold; null where no statement told one. */
  position: string | null = null;

  constructor(readonly server: PositionedServer) {}

  async query<Row extends object>(query: PositionedQuery, values: readonly unknown[] = []): Promise<Row[]> {
    return this.note(await this.server.queryAt<Row>(query, values));
  }

  /** Takes the rows of an answer that was got together with others'. */
  note<Row>({ rows, position }: Positioned<Row>): Row[] {
    if (position === null || position === this.position) return rows;
    if (this.position === null || parseLsn(position) > parseLsn(this.position)) this.position = position;
    return rows;
  }
}
