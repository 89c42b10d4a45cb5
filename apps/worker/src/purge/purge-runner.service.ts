import { Injectable } from '@nestjs/common';
import { type Purge, Purges } from './purges.service.js';

/** Rows deleted in one transaction. */
const BATCH = 1_000;

export type PurgeCounts = Record<string, number>;

/** Runs all purges to their end, in small transactions. */
@Injectable()
export class PurgeRunner {
  constructor(private readonly purges: Purges) {}

  /**
   * @param batch does one batch, for those who keep count of more than the rows; it must run what it is given.
   * @returns how many rows of what were deleted.
   */
  async runAll(batch: (work: () => Promise<number>, name: string) => Promise<number> = (work) => work()) {
    const counts: PurgeCounts = {};
    for (const purge of this.purges.all) counts[purge.name] = await this.exhaust(purge, batch);
    return counts;
  }

  private async exhaust({ name, run }: Purge, batch: (work: () => Promise<number>, name: string) => Promise<number>) {
    let total = 0;
    for (let count = BATCH; count === BATCH; total += count) count = await batch(() => run(BATCH), name);
    return total;
  }
}
