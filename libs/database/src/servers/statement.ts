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
