import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Queues } from './queues.service.js';

const LIMIT_MS = 1_000;

/**
 * Whether the queue answers. A queue that is away is `degraded` and not `down`: jobs are still accepted, and run when
 * it is back.
 */
@Injectable()
export class QueueHealthIndicator {
  constructor(
    private readonly queues: Queues,
    private readonly indicators: HealthIndicatorService,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('queue');
    try {
      await this.queues.depths(LIMIT_MS);
      return indicator.up();
    } catch {
      return indicator.degraded('jobs are accepted and run when the queue is back');
    }
  }
}
