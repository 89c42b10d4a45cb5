import { setTimeout as sleep } from 'node:timers/promises';
import { Configuration } from '@app/config';
import { JobRuns, type QueueName } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import {
  CriticalQueueProcessor,
  DefaultQueueProcessor,
  LowQueueProcessor,
  type QueueProcessor,
} from './queue.processors.js';
import { splitSlots } from './slot-split.js';

const HAND_BACK_LIMIT_MS = 2_000;

/** The workers of the three queues, started and stopped together. */
@Injectable()
export class QueueWorkers {
  private readonly processors: Record<QueueName, QueueProcessor>;

  constructor(
    critical: CriticalQueueProcessor,
    normal: DefaultQueueProcessor,
    low: LowQueueProcessor,
    private readonly runs: JobRuns,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.processors = { critical, default: normal, low };
  }

  /** Begins to fetch. What the queue's server does meanwhile is the workers' business: they wait for it. */
  start(): void {
    const slots = splitSlots(this.configuration.worker.slots);
    for (const [queue, { worker }] of this.entries) {
      worker.concurrency = slots[queue];
      worker.run().catch((err: unknown) => this.logger.error({ err, queue }, 'a worker ended'));
    }
    this.logger.info({ slots }, 'fetching jobs');
  }

  /** Fetches no more, lets the jobs in hand end for up to `limitMs`, and hands back those that did not. */
  async stop(limitMs: number): Promise<void> {
    const closing = Promise.allSettled(this.entries.map(([, { worker }]) => worker.close()));
    const isDone = await Promise.race([closing.then(() => true), sleep(limitMs, false, { ref: false })]);
    if (isDone) return;
    const left = this.entries.flatMap(([, { inHand }]) => [...inHand.values()]);
    const handedBack = left.map(async ({ entry, attempt }) => {
      this.logger.warn({ job_id: attempt.id }, 'job handed back: it did not end in time');
      await this.runs.handBack(attempt);
      await entry.moveToWait(entry.token);
    });
    // What could not be handed back is taken up by another worker when its lock has run out.
    await Promise.race([Promise.allSettled(handedBack), sleep(HAND_BACK_LIMIT_MS, undefined, { ref: false })]);
  }

  private get entries(): [QueueName, QueueProcessor][] {
    return Object.entries(this.processors) as [QueueName, QueueProcessor][];
  }
}
