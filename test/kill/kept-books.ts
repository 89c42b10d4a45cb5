import type pg from 'pg';

/** What may be stored of one thing that was written: one of these; null is "nothing". */
type Possible = Set<string | null>;

/** A client's own books: what it was told is so, and what nobody could tell it. Names are unique, so rows can be found by them. */
export class KeptBooks {
  private readonly rows = { customers: new Map<string, Possible>(), accounts: new Map<string, Possible>() };
  acknowledged = 0;
  unknown = 0;

  /** Notes a change; `isKnown` where it was acknowledged, else it may or may not have happened. */
  note(table: 'customers' | 'accounts', name: string, value: string | null, isKnown: boolean): void {
    if (isKnown) this.acknowledged += 1;
    else this.unknown += 1;
    const before = this.rows[table].get(name) ?? new Set([null]);
    this.rows[table].set(name, isKnown ? new Set([value]) : new Set([...before, value]));
  }

  /** Holds the books against what is stored, row by row. */
  async differences(sql: pg.Pool): Promise<string[]> {
    const stored = {
      customers: await storedBy(sql, `SELECT email AS name, 'there' AS value FROM customers WHERE email LIKE 'kill-%'`),
      accounts: await storedBy(sql, `SELECT name, status AS value FROM accounts WHERE name LIKE 'kill-%'`),
    };
    return (['customers', 'accounts'] as const).flatMap((table) =>
      [...this.rows[table]].flatMap(([name, possible]) => {
        const found = stored[table].get(name) ?? [];
        const value = found[0] ?? null;
        if (found.length > 1) return [`${name} is stored ${found.length} times`];
        return possible.has(value) ? [] : [`${name} is ${value}, not ${[...possible].join(' or ')}`];
      }),
    );
  }
}

async function storedBy(sql: pg.Pool, query: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const { rows } = await sql.query<{ name: string; value: string }>(query);
  for (const { name, value } of rows) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}
