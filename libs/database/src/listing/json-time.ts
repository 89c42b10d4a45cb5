/**
 * SQL: a zoneless UTC column as RFC 3339 text with exactly six digits, the wire format's times. An infinite time, which
 * adopted rows may hold, becomes the first or last one that RFC 3339 can write: as NULL it would take its row's JSON with it.
 */
export function jsonTime(column: string): string {
  return `coalesce(to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), CASE ${column}
    WHEN 'infinity' THEN '9999-12-31T23:59:59.999999Z' WHEN '-infinity' THEN '0001-01-01T00:00:00.000000Z' END)`;
}
