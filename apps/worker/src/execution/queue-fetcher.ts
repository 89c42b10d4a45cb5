import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerOptions, QueueEntry, QueueName } from '@app/jobs';
import type { Logger } from '@app/logging';
import { isNotConnectionError, type Job, Worker, type WorkerOptions } from 'bullmq';
import { retryDelay } from './retry-delay.js';
import type { DispatchedQueue } from './slot-dispatcher.js';

/** What BullMQ hands out: a job, or what another version has left in the queue. */
export type Entry = Job<Partial<QueueEntry> | undefined>;

/** After a failure of the queue's server. */
const PAUSE_MS = 1_000;

/**
 * A worker that is killed is noticed when its lock runs out, at the second check after that at the latest: five seconds
 * and twice two and a half.
 */
const OPTIONS: Omit<WorkerOptions, 'connection'> = {
  autorun: false,
  lockDuration: 5_000,
  stalledInterval: 2_500,
  // Counted over an entry's whole life, however far its job has come: never reached, for the job's row decides.
  maxStalledCount: 1_000_000,
  runRetryDelay: PAUSE_MS,
  settings: { backoffStrategy: (failures) => retryDelay(failures) },
};

/**
 * BullMQ's worker without its own loop: it fetches when it is told to, and the slots are the dispatcher's. Its loop
 * gives every queue slots of its own, which are idle while the queue is empty. Renewing locks, finding the jobs of
 * workers that died and settling entries is BullMQ's as ever. It uses protected members, which the next version may have
 * changed: test/worker runs all of it on both backends.
 */
export class QueueFetcher extends Worker<Partial<QueueEntry> | undefined> implements DispatchedQueue<Entry> {
  private fetches = 0;
  private hasFailed = false;

  constructor(
    override readonly name: QueueName,
    handle: (entry: Entry) => Promise<void>,
    options: ConsumerOptions,
    logger: Logger,
  ) {
    super(name, handle, { ...OPTIONS, ...options });
    this.on('error', (error) => {
      if (isNotConnectionError(error)) logger.warn({ queue: name, cause: error.message }, 'queue error');
    });
  }

  /** Begins to renew locks and to look for jobs whose workers died. */
  async begin(): Promise<void> {
    this.lockManager.start();
    await this.startStalledCheckTimer();
  }

  async fetch(): Promise<Entry | undefined> {
    this.fetches += 1;
    try {
      return await this.getNextJob(`${this.id}:${this.fetches}`, { block: false });
    } catch (error) {
      this.noteFailure(error);
      return undefined;
    }
  }

  async work(entry: Entry): Promise<void> {
    // Noted by a worker of an older version, which gave up by the entry's count: BullMQ would fail it without asking us.
    entry.deferredFailure = '';
    try {
      await this.processJob(entry, entry.token ?? '', () => false);
    } catch (error) {
      this.noteFailure(error);
    }
  }

  async untilWork(limitMs: number): Promise<void> {
    if (this.hasFailed) await sleep(PAUSE_MS, undefined, { ref: false });
    this.hasFailed = false;
    try {
      const sign = await this.backend.waitForJob(limitMs / 1_000);
      // The sign of a delayed job comes early and says when it is due.
      const early = sign === null ? 0 : Math.min(sign.score - Date.now(), limitMs);
      if (early > 0) await sleep(early, undefined, { ref: false });
    } catch (error) {
      this.noteFailure(error);
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }

  /** Ends waiting for work, for good. */
  interrupt(): void {
    void this.backend.disconnectBlocking(false).catch(() => undefined);
  }

  private noteFailure(error: unknown): void {
    this.hasFailed = true;
    if (!this.closing) this.emit('error', error as Error);
  }
}
