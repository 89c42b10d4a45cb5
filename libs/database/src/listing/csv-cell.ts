/**
 * SQL: a text column as a CSV cell that no spreadsheet takes for a formula: one that begins with = + - @ (or a tab or
 * carriage return, which some skip first) gets an apostrophe in front.
 */
export function csvCell(column: string): string {
  return `CASE WHEN ${column} ~ '^[=+@\\t\\r-]' THEN '''' || ${column} ELSE ${column} END AS ${column}`;
}
