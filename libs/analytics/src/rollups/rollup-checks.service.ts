import { PrimarySnapshots, type SqlSession } from '@app/database';
import { Injectable } from '@nestjs/common';
import { checkRollups, type RollupCheck } from './check-rollups.js';
import { PLAN_OF_FOLDS } from './fold.sql.js';
import { REBUILD_FLOWS, REBUILD_TOTALS } from './rebuild.sql.js';
import { RollupMetrics } from './rollup.metrics.js';
import { ROLLUP_LOCK } from './rollup-lock.js';
import { DELTAS_AT_ONCE, foldBatch } from './rollups.repository.js';

/** Looks whether the rollups are what a recount finds, and makes them so. Writers go on meanwhile. */
@Injectable()
export class RollupChecks {
  constructor(
    private readonly snapshots: PrimarySnapshots,
    private readonly metrics: RollupMetrics,
  ) {}

  /** Compares everything in one snapshot. @throws DomainError `primary_unavailable` */
  async verify(): Promise<RollupCheck> {
    const check = await this.snapshots.run({ isReadOnly: true }, checkRollups);
    this.metrics.showDrift(check.drift);
    return check;
  }

  /**
   * Puts a recount in place of every total that differs. Folds wait: the lock is taken before the snapshot is opened, so
   * that every fold is either wholly in it or begins after it. What is committed meanwhile waits as deltas and counts as ever.
   * Deltas of the snapshot are folded first: they hold what is known of when things happened. While it writes the change log
   * tells nothing new, so it first looks whether there is anything to do.
   *
   * @returns what was wrong, and has been put right.
   */
  async rebuild(): Promise<RollupCheck> {
    const seen = await this.verify();
    if (seen.drift === 0) return seen;
    const { before, after } = await this.snapshots.run({ lock: ROLLUP_LOCK }, async (session) => {
      await foldAll(session);
      const before = await checkRollups(session);
      if (before.drift === 0) return { before, after: before };
      for (const step of REBUILD_TOTALS) await session.query(step);
      if (before.drifts.flow_sums + before.drifts.flow_grains > 0)
        for (const step of REBUILD_FLOWS) await session.query(step);
      return { before, after: await checkRollups(session) };
    });
    this.metrics.showDrift(after.drift);
    return before;
  }
}

/** With the plan of other folds: the statement is prepared once a connection, for whoever comes first. */
async function foldAll(session: SqlSession): Promise<void> {
  await session.query(PLAN_OF_FOLDS);
  let deltas: number;
  do deltas = await foldBatch(session, DELTAS_AT_ONCE, true);
  while (deltas === DELTAS_AT_ONCE);
  await session.query('RESET enable_seqscan; RESET enable_nestloop');
}
