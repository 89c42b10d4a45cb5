import { DomainError } from '@app/errors';
import { LOGGER, type Logger } from '@app/logging';
import { InjectQueue } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import { isNotConnectionError, type JobsOptions, Queue } from 'bullmq';
import type { OutboxJob } from '../ledger/outbox.repository.js';
import type { QueueServer } from './queue-backend.js';
import { QUEUE_NAMES, type QueueName } from './queue-names.js';
import { QUEUE_SERVER } from './queue-server.module.js';
import { within } from './within.js';

/** What an entry of the queue carries; the job itself is the row of `jobs` with this id. */
export interface QueueEntry {
  id: string;
  request_id: string | null;
}

export type QueueDepths = Record<QueueName, Record<string, number>>;

const COUNTED_STATES = ['waiting', 'active', 'delayed', 'completed', 'failed'] as const;
const OPTIONS: JobsOptions = {
  // How often a job is tried is decided by its row; the queue goes on for as long as it is told to.
  attempts: 1_000_000,
  backoff: { type: 'capped' },
  removeOnComplete: { count: 1_000, age: 3_600 },
  removeOnFail: { count: 1_000, age: 86_400 },
  // Stacks would put paths and values into a store that others read.
  stackTraceLimit: 0,
};

/** Two answers of BullMQ's `isFinished`; the others say how the entry ended. */
const NOT_FINISHED = 0;
const MISSING = -1;

/**
 * The queues of this process, as one who puts jobs in. Each call ends within `limitMs` whatever the server does, with
 * DomainError `queue_unavailable` where it did not work.
 */
@Injectable()
export class Queues {
  private readonly queues: Record<QueueName, Queue>;

  constructor(
    @InjectQueue('critical') critical: Queue,
    @InjectQueue('default') normal: Queue,
    @InjectQueue('low') low: Queue,
    @Inject(QUEUE_SERVER) private readonly server: QueueServer,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.queues = { critical, default: normal, low };
    for (const queue of Object.values(this.queues)) {
      queue.on('error', (error) => {
        if (isNotConnectionError(error)) logger.warn({ queue: queue.name, cause: error.message }, 'queue error');
      });
    }
  }

  /**
   * Puts a job in under its own id: what is there already stays, so telling twice is one job.
   *
   * @returns false when the queue still works on an earlier run of this job: then it can't be put in yet.
   */
  add(job: OutboxJob, limitMs: number): Promise<boolean> {
    return this.ask(limitMs, async () => {
      const queue = this.queues[job.queue];
      if (job.attempts > 0 && !(await forgetEnded(queue, job.id))) return false;
      const { name, data, opts } = entryOf(job);
      await queue.add(name, data, opts);
      return true;
    });
  }

  /** Puts jobs in that never were; as `add`, telling twice is one job. */
  async addNew(queue: QueueName, jobs: readonly OutboxJob[], limitMs: number): Promise<void> {
    if (jobs.length > 0) await this.ask(limitMs, () => this.queues[queue].addBulk(jobs.map(entryOf)));
  }

  /**
   * Puts jobs back in that the queue should have but may have lost; those that are there stay. Asks for all of them at
   * once: a hundred are few enough for the workers' own questions to wait behind.
   *
   * @returns how many were not there.
   */
  restore(name: QueueName, jobs: readonly OutboxJob[], limitMs: number): Promise<number> {
    return this.ask(limitMs, async () => {
      const queue = this.queues[name];
      const areMissing = await Promise.all(jobs.map(({ id }) => forgetEnded(queue, id)));
      const missing = jobs.filter((_, index) => areMissing[index]);
      if (missing.length > 0) await queue.addBulk(missing.map(entryOf));
      return missing.length;
    });
  }

  /** Takes a schedule away that an older version kept in the queue. */
  async unschedule(queue: QueueName, name: string, limitMs: number): Promise<void> {
    await this.ask(limitMs, () => this.queues[queue].removeJobScheduler(name));
  }

  /** Entries by queue and state. */
  depths(limitMs: number): Promise<QueueDepths> {
    return this.ask(limitMs, async () => {
      const counts = QUEUE_NAMES.map(async (name) => [name, await this.queues[name].getJobCounts(...COUNTED_STATES)]);
      return Object.fromEntries(await Promise.all(counts)) as QueueDepths;
    });
  }

  /** Ends the connections; whatever waits for the server fails. For the end of the process, after the workers. */
  disconnect(): Promise<void> {
    return this.server.end();
  }

  private async ask<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
    try {
      return await within(limitMs, work);
    } catch (cause) {
      throw new DomainError('queue_unavailable', 'The queue is not available', { cause, retryAfterSeconds: 1 });
    }
  }
}

/**
 * Removes the entry of a run that has ended; false when one is still waiting or running. Does not ask for its state, for
 * which Redis would search the list of all that wait.
 */
async function forgetEnded(queue: Queue, id: string): Promise<boolean> {
  const answer = await queue.backend.isFinished(id);
  if (answer === NOT_FINISHED) return false;
  if (answer !== MISSING) await queue.remove(id);
  return true;
}

function entryOf({ id, type, requestId }: OutboxJob): { name: string; data: QueueEntry; opts: JobsOptions } {
  return { name: type, data: { id, request_id: requestId }, opts: { ...OPTIONS, jobId: id } };
}
