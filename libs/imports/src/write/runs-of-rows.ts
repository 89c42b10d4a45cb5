/**
 * Cuts rows into runs that one statement each can write as if the rows were written one after the other: a run ends before a row of
 * another kind, and before one that has a key in common with a row of the run.
 */
export function runsOf<Row>(
  rows: readonly Row[],
  kindOf: (row: Row) => string,
  keysOf: (row: Row) => string[],
): Row[][] {
  const runs: Row[][] = [];
  let keys = new Set<string>();
  let kind: string | undefined;
  for (const row of rows) {
    const own = keysOf(row);
    const rowKind = kindOf(row);
    if (rowKind !== kind || own.some((key) => keys.has(key))) {
      runs.push([]);
      keys = new Set();
      kind = rowKind;
    }
    runs.at(-1)?.push(row);
    for (const key of own) keys.add(key);
  }
  return runs;
}
