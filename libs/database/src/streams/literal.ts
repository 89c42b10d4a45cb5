import pg from 'pg';

/** A value as an SQL literal, for COPY, which takes no parameters. Everywhere else values are parameters. */
export function literal(value: string | number): string {
  if (typeof value === 'string') return pg.escapeLiteral(value);
  if (!Number.isSafeInteger(value)) throw new TypeError('Only integers and strings have a literal');
  return String(value);
}
