import type { SqlSession } from '@app/database';
import { DRIFT, type DriftKind } from './drift.sql.js';

/** A total that is not what a recount of the rows finds. */
export interface RollupDifference {
  kind: DriftKind;
  organization_id: number;
  /** Which of the organization's: a customer's id, a status (null: none), a length or begin of time. */
  key: string | null;
  kept: unknown;
  counted: unknown;
}

export interface RollupCheck {
  customers: number;
  accounts: number;
  /** Deltas that were not yet in the totals, and that were added as a reader does. */
  waiting: number;
  /** How many totals differ, of all organizations; 0 when all is well. */
  drift: number;
  /** The same for each kind of total. */
  drifts: Record<DriftKind, number>;
  /** The first of them. */
  differences: RollupDifference[];
}

const SHOWN = 20;
const SIZE = `SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM accounts) AS accounts,
  (SELECT count(*) FROM rollup_deltas) AS waiting`;

/**
 * Compares everything that the rollups know with a recount. The session must be in one snapshot (REPEATABLE READ), on the
 * primary or on a follower: while others write, two statements would see two states. It reads every row, so it takes a
 * second for some hundred thousand.
 */
export async function checkRollups(session: SqlSession): Promise<RollupCheck> {
  const [size] = await session.query<Record<'customers' | 'accounts' | 'waiting', string>>(SIZE);
  const differences: RollupDifference[] = [];
  const drifts: Partial<Record<DriftKind, number>> = {};
  for (const kind of Object.keys(DRIFT) as DriftKind[]) {
    const rows = await session.query<Omit<RollupDifference, 'kind'> & { found: string }>(
      `SELECT *, count(*) OVER () AS found FROM (${DRIFT[kind]}) AS difference LIMIT ${SHOWN}`,
    );
    drifts[kind] = Number(rows[0]?.found ?? 0);
    for (const { found: _, ...difference } of rows) differences.push({ kind, ...difference });
  }
  const { customers = '0', accounts = '0', waiting = '0' } = size ?? {};
  return {
    customers: Number(customers),
    accounts: Number(accounts),
    waiting: Number(waiting),
    drift: Object.values(drifts).reduce((sum, found) => sum + found, 0),
    drifts: drifts as Record<DriftKind, number>,
    differences: differences.slice(0, SHOWN),
  };
}
