import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { asPrimaryFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import type { SqlSession, Statement } from '../servers/statement.js';

const MAX_WAITING = 64;

/**
 * Reads that a follower should have taken run on a few connections of their own to the primary, so that they never
 * drown the transactional work. Full: `analytics_shed`, to be asked again in a second.
 */
@Injectable()
export class FallbackPool implements SqlSession {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
    private readonly metrics: DatabaseMetrics,
  ) {}

  async query<Row extends object>(query: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    this.monitor.assertReachable();
    const { fallback } = this.pools;
    if (fallback.usage.waiting >= MAX_WAITING) throw this.shed();
    try {
      return await fallback.query<Row>(query, values);
    } catch (error) {
      // The pool's own time limit covers waiting for a connection; with the primary up it means that all were busy.
      const isFull = error instanceof Error && /timeout exceeded when trying to connect/.test(error.message);
      if (isFull && this.monitor.state === 'up') throw this.shed(error);
      throw asPrimaryFailure(error);
    }
  }

  private shed(cause?: unknown): DomainError {
    this.metrics.fallbackShed.inc();
    return new DomainError('analytics_shed', 'Too many analytics reads while no follower can take them', {
      cause,
      retryAfterSeconds: 1,
    });
  }
}
