import { setTimeout as sleep } from 'node:timers/promises';
import { Configuration } from '@app/config';
import { JobRuns, type QueueName, Queues } from '@app/jobs';
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
const PROBE_LIMIT_MS = 1_000;
const IDLE_CHECK_MS = 50;

/** The workers of the three queues, started and stopped together. */
@Injectable()
export class QueueWorkers {
  private readonly processors: QueueProcessor[];

  constructor(
    critical: CriticalQueueProcessor,
    normal: DefaultQueueProcessor,
    low: LowQueueProcessor,
    private readonly runs: JobRuns,
    private readonly queues: Queues,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.processors = [critical, normal, low];
  }

  /** Begins to fetch. What the queue's server does meanwhile is the workers' business: they wait for it. */
  start(): void {
    const slots = splitSlots(this.configuration.worker.slots);
    for (const { worker } of this.processors) {
      worker.concurrency = slots[worker.name as QueueName];
      worker.run().catch((err: unknown) => this.logger.error({ err, queue: worker.name }, 'a worker ended'));
    }
    this.logger.info({ slots }, 'fetching jobs');
  }

  /** Fetches no more, lets the jobs in hand end for up to `limitMs`, and hands back those that did not. */
  async stop(limitMs: number): Promise<void> {
    const limit = sleep(limitMs, undefined, { ref: false });
    // An orderly close waits for a server that is away to come back; then there is nothing to fetch from it anyway.
    const isQueueAway = await this.queues.depths(PROBE_LIMIT_MS).then(
      () => false,
      () => true,
    );
    const ending = isQueueAway ? this.endWithoutQueue() : this.close(false);
    const isDone = await Promise.race([ending.then(() => true), limit]);
    if (!isDone) await Promise.race([this.handBack(), sleep(HAND_BACK_LIMIT_MS, undefined, { ref: false })]);
  }

  private async endWithoutQueue(): Promise<void> {
    await Promise.all(this.processors.map(({ worker }) => worker.pause(true)));
    while (this.processors.some(({ inHand }) => inHand.size > 0)) await sleep(IDLE_CHECK_MS);
    await this.close(true);
  }

  private async close(isForced: boolean): Promise<void> {
    await Promise.allSettled(this.processors.map(({ worker }) => worker.close(isForced)));
  }

  /** What can't be handed back is taken up by another worker when its lock has run out. */
  private async handBack(): Promise<void> {
    const left = this.processors.flatMap(({ inHand }) => [...inHand.values()]);
    const handedBack = left.map(async ({ entry, attempt }) => {
      this.logger.warn({ job_id: attempt.id }, 'job handed back: it did not end in time');
      await this.runs.handBack(attempt);
      await entry.moveToWait(entry.token);
    });
    await Promise.allSettled(handedBack);
  }
}
