/**
 * A named statement: PostgreSQL parses and plans it once a connection. The name belongs to one text, process-wide.
 * Not for texts that change with the input: each new text would stay prepared on every connection.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

const known = new Map<string, string>();

/** Declares a named statement. Throws where the name is already taken by another text. */
export function statement(name: string, text: string): Statement {
  const before = known.get(name);
  if (before !== undefined && before !== text) throw new Error(`Two statements are named ${name}`);
  known.set(name, text);
  return { name, text };
}

/** What runs statements: a pool, one connection of it, or an open transaction; the caller can't tell and need not. */
export interface SqlSession {
  /** Rows as `pg` parses them; 64-bit integers arrive as strings, times as text. */
  query<Row extends object>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
}

/** Rows, and where the server's write-ahead log was right after they were read or written: `X/Y`, null where unknown. */
export interface Positioned<Row> {
  rows: Row[];
  position: string | null;
}

/**
 * A statement whose first row tells in a column `position` where the log was, which saves asking for it. It must always
 * answer a row. A primary and a follower are asked in different words.
 */
export interface PositionedStatement {
  readonly onPrimary: Statement;
  readonly onFollower: Statement;
}

export type PositionedQuery = Statement | PositionedStatement | string;

/** A server, by one of its pools, that tells with each answer where its log was. */
export interface PositionedServer {
  queryAt<Row extends object>(query: PositionedQuery, values?: readonly unknown[]): Promise<Positioned<Row>>;
  inSnapshot<T>(fn: (session: SqlSession) => Promise<T>): Promise<{ result: T; position: string | null }>;
}
