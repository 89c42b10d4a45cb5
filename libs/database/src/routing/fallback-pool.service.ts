import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { asReadFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { isCheckoutTimeout } from '../servers/server-pool.js';
import type { Positioned, PositionedQuery, PositionedServer, SqlSession } from '../servers/statement.js';
import { analyticsShed } from './refusals.js';
import { SharedReads, WaitedTooLongError } from './shared-reads.js';

/**
 * Reads that a follower should have taken run on a few connections of their own to the primary, so that they never
 * drown the transactional work. Who asks the same at the same time shares an execution. Full: `analytics_shed`, to be asked again in a second.
 */
@Injectable()
export class FallbackPool implements PositionedServer {
  private readonly shared = new SharedReads();

  constructor(
    @Inject(Configuration) private readonly configuration: Configuration,
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
    private readonly metrics: DatabaseMetrics,
  ) {}

  queryAt<Row extends object>(query: PositionedQuery, values: readonly unknown[] = []): Promise<Positioned<Row>> {
    const question = JSON.stringify([query, values]);
    return this.guarded(() =>
      this.shared.run(question, this.configuration.database.fallbackWaitMs, () =>
        this.pools.fallback.queryAt<Row>(query, values),
      ),
    );
  }

  inSnapshot<T>(fn: (session: SqlSession) => Promise<T>) {
    return this.guarded(() => this.pools.fallback.inSnapshot(fn));
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    this.monitor.assertReachable();
    const waiting = this.pools.fallback.usage.waiting + this.shared.waiting;
    if (waiting >= this.configuration.database.fallbackQueueMax) throw this.shed();
    try {
      return await work();
    } catch (error) {
      // The pool's own time limit covers waiting for a connection; with the primary up it means that all were busy.
      const isLate = error instanceof WaitedTooLongError || isCheckoutTimeout(error);
      if (isLate && this.monitor.state === 'up') throw this.shed(error);
      throw asReadFailure(error);
    }
  }

  /** Whether a read would have to wait. */
  get isBusy(): boolean {
    const { used, max, waiting } = this.pools.fallback.usage;
    return waiting > 0 || used >= max;
  }

  /** Counts a read that is refused rather than let weigh on the primary, and says so. */
  shed(cause?: unknown): Error {
    this.metrics.fallbackShed.inc();
    return analyticsShed(cause);
  }
}
