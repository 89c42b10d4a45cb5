import { Injectable } from '@nestjs/common';
import { RollupMetrics } from './rollup.metrics.js';
import { DELTAS_AT_ONCE, RollupsRepository } from './rollups.repository.js';

/** Dead rows that a reader at most passes over before they are cleared away, where no old snapshot keeps them. */
const VACUUM_AFTER = 2_000;
const SWEEP_EVERY_MS = 600_000;
/** Then the schedule has its turn again, and the next run goes on. */
const LONGEST_RUN_MS = 20_000;

/**
 * Moves what has changed into the totals. How often decides only how much each read has to add to them: every read is exact
 * before, between and after folds, and a fold that is killed, repeated or done by two processes at once adds nothing twice.
 */
@Injectable()
export class RollupFolding {
  private sinceVacuum = 0;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly rollups: RollupsRepository,
    private readonly metrics: RollupMetrics,
  ) {}

  /**
   * Folds until nothing is left, or another process folds or rebuilds.
   *
   * @returns how many deltas this process has folded.
   * @throws DomainError `primary_unavailable`
   */
  async fold(): Promise<number> {
    const until = performance.now() + LONGEST_RUN_MS;
    let total = 0;
    for (;;) {
      const isSweep = performance.now() - this.sweptAt >= SWEEP_EVERY_MS;
      const deltas = await this.rollups.fold(DELTAS_AT_ONCE, isSweep);
      if (deltas === null) return total;
      total += deltas;
      this.metrics.countFolded(deltas);
      await this.clearAway(deltas);
      if (deltas < DELTAS_AT_ONCE) {
        if (isSweep) this.sweptAt = performance.now();
        this.metrics.noteDrained();
        return total;
      }
      if (performance.now() > until) return total;
    }
  }

  private async clearAway(deltas: number): Promise<void> {
    this.sinceVacuum += deltas;
    if (this.sinceVacuum < VACUUM_AFTER) return;
    this.sinceVacuum = 0;
    // A role that may not do so is told nothing; autovacuum does it later then.
    await this.rollups.vacuum();
  }
}
