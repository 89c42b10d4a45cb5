import { PrimaryDatabase, type SqlSession, TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import { BEGIN_FOLD, COUNT_WAITING, FOLD, FORGET_EMPTIED } from './fold.sql.js';

/** Some hundred milliseconds of work: other processes' folds, and a rebuild, wait no longer. */
export const DELTAS_AT_ONCE = 10_000;

/** The rollups' tables on the primary: deltas that wait, and the totals that they go into. */
@Injectable()
export class RollupsRepository {
  constructor(
    private readonly primary: PrimaryDatabase,
    private readonly transactions: TransactionRunner,
  ) {}

  /**
   * Adds deltas to the totals and deletes them, in one transaction.
   *
   * @param isSweep whether deltas are looked for that should have been folded long ago, too.
   * @returns how many there were, fewer than `limit` when none is left; null while another process folds or rebuilds.
   */
  fold(limit: number, isSweep: boolean): Promise<number | null> {
    return this.transactions.run(async () => {
      const [begun] = await this.primary.query<{ locked: boolean }>(BEGIN_FOLD);
      return begun?.locked ? foldBatch(this.primary, limit, isSweep) : null;
    });
  }

  /** Frees what folded deltas have left behind. It never gives the file's end back, for which it would lock out readers. */
  async vacuum(): Promise<void> {
    await this.primary.query('VACUUM (SKIP_LOCKED, TRUNCATE false, INDEX_CLEANUP on) rollup_deltas');
  }

  /** How many deltas are not yet in the totals. */
  async countWaiting(): Promise<number> {
    const [row] = await this.primary.query<{ waiting: number }>(COUNT_WAITING);
    return row?.waiting ?? 0;
  }
}

/** One batch, on a session whose transaction holds the lock of the rollups. */
export async function foldBatch(session: SqlSession, limit: number, isSweep: boolean): Promise<number> {
  const [folded] = await session.query<{ deltas: number; emptied: [number, number][] | null }>(FOLD, [limit, isSweep]);
  if (folded?.emptied) await session.query(FORGET_EMPTIED, [JSON.stringify(folded.emptied)]);
  return folded?.deltas ?? 0;
}
