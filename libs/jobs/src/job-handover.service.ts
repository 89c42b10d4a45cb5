import { TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import { type OutboxJob, OutboxRepository } from './ledger/outbox.repository.js';
import { QUEUE_NAMES, QUEUE_WEIGHTS, type QueueName } from './queues/queue-names.js';
import { Queues } from './queues/queues.service.js';

const REQUEST_LIMIT_MS = 1_000;
const WORKER_LIMIT_MS = 2_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;
const BATCH_PER_WEIGHT = 30;
const RESTORE_BATCH = 1_000;
const RESTORED_AT_ONCE = 100;
/** Handing over and starting take milliseconds; a job that is silent for longer may be one that the queue lost. */
const SILENT_SECONDS = 15;

/**
 * Tells the queue of the jobs in the table. A job is accepted when its row is committed; that the queue hears of it is
 * tried at once, and again by every worker until it worked, so nothing accepted is lost while the queue is away.
 */
@Injectable()
export class JobHandover {
  private pausedUntil = 0;

  constructor(
    private readonly outbox: OutboxRepository,
    private readonly queues: Queues,
    private readonly transactions: TransactionRunner,
  ) {}

  /**
   * Hands one committed job over, for the one who asked for it. Never fails and takes a second at most, no time at all
   * right after a failure; what it could not hand over is left to the workers.
   */
  async handOverSoon(job: OutboxJob): Promise<void> {
    if (Date.now() < this.pausedUntil) return;
    const work = this.handOver(job).catch(() => {
      this.pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS;
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REQUEST_LIMIT_MS);
    });
    await Promise.race([work, limit]).finally(() => clearTimeout(timer));
  }

  /**
   * Hands over what waits, up to a batch: of each queue as much as its weight says, so that many jobs of one queue that
   * were asked for first keep nobody else's from being begun.
   *
   * @returns whether there may be more.
   */
  async handOverWaiting(): Promise<boolean> {
    let isMore = false;
    for (const queue of await this.outbox.queuesWaiting(QUEUE_NAMES)) {
      const limit = QUEUE_WEIGHTS[queue] * BATCH_PER_WEIGHT;
      isMore = (await this.handOverQueue(queue, limit)) || isMore;
    }
    return isMore;
  }

  /**
   * Gives the queues back what they lost (a Redis that was killed forgets), up to a batch.
   *
   * @returns whether there may be more; where nothing of a batch was lost, looking at the next one can wait.
   */
  restoreLost(): Promise<boolean> {
    return this.transactions.run(async () => {
      const jobs = await this.outbox.lockSilent(RESTORE_BATCH, SILENT_SECONDS);
      let lost = 0;
      for (const queue of QUEUE_NAMES) {
        const ofQueue = jobs.filter((job) => job.queue === queue);
        for (let start = 0; start < ofQueue.length; start += RESTORED_AT_ONCE) {
          const some = ofQueue.slice(start, start + RESTORED_AT_ONCE);
          lost += await this.queues.restore(queue, some, WORKER_LIMIT_MS);
        }
      }
      await this.outbox.markDispatched(jobs.map(({ id }) => id));
      return jobs.length === RESTORE_BATCH && lost > 0;
    });
  }

  /** @returns whether there may be more; where none of a batch could be put in yet, trying again can wait. */
  private handOverQueue(queue: QueueName, limit: number): Promise<boolean> {
    return this.transactions.run(async () => {
      const jobs = await this.outbox.lockWaiting(queue, limit);
      const isNew = ({ attempts }: OutboxJob) => attempts === 0;
      const fresh = jobs.filter(isNew);
      await this.queues.addNew(queue, fresh, WORKER_LIMIT_MS);
      const told = fresh.map(({ id }) => id);
      for (const job of jobs.filter((each) => !isNew(each))) {
        if (await this.queues.add(job, WORKER_LIMIT_MS)) told.push(job.id);
      }
      await this.outbox.markDispatched(told);
      return jobs.length === limit && told.length > 0;
    });
  }

  private async handOver(job: OutboxJob): Promise<void> {
    if (await this.queues.add(job, REQUEST_LIMIT_MS)) await this.outbox.markDispatched([job.id]);
  }
}
