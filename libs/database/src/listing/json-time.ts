/** SQL: a zoneless UTC column as RFC 3339 text with exactly six digits, the wire format's times. */
export function jsonTime(column: string): string {
  return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
