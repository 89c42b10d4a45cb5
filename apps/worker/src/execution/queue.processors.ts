import { type JobAttempt, JobRuns, type QueueEntry } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, Injectable } from '@nestjs/common';
import { type Job as Entry, isNotConnectionError, UnrecoverableError, WaitingError, type WorkerOptions } from 'bullmq';
import { JobRunner } from './job-runner.service.js';
import { WorkerStoppingError } from './jobs-in-hand.service.js';
import { retryDelay } from './retry-delay.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** What BullMQ gives as the reason when a job's worker died once more than `maxStalledCount`. */
const LOST_TOO_OFTEN = 'job stalled more than allowable limit';

/**
 * A worker that is killed is noticed when its lock runs out, at the second check after that at the latest: five seconds
 * and twice two and a half. Started by `QueueWorkers`, not by themselves.
 */
const OPTIONS: Omit<WorkerOptions, 'connection'> = {
  autorun: false,
  lockDuration: 5_000,
  stalledInterval: 2_500,
  maxStalledCount: 10,
  runRetryDelay: 1_000,
  settings: { backoffStrategy: (failures) => retryDelay(failures) },
};

/** The entries of a queue that this process works on, by job id. */
export type EntriesInHand = Map<string, { entry: Entry; attempt: JobAttempt }>;

/** Takes entries from one queue: jobs, and the ticks of schedules. */
@Injectable()
export abstract class QueueProcessor extends WorkerHost {
  readonly inHand: EntriesInHand = new Map();

  constructor(
    private readonly runner: JobRunner,
    private readonly runs: JobRuns,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  override async process(entry: Entry<Partial<QueueEntry> | undefined>): Promise<void> {
    // The tick of an older version's schedule: schedules do not live in the queues any more.
    if (entry.repeatJobKey !== undefined) return;
    const id = entry.data?.id;
    if (typeof id !== 'string' || !UUID.test(id)) throw new UnrecoverableError('The entry names no job');
    try {
      await this.runner.run(id, (attempt) => this.inHand.set(id, { entry, attempt }));
    } catch (error) {
      if (!(error instanceof WorkerStoppingError)) throw error;
      await entry.moveToWait(entry.token);
      throw new WaitingError();
    } finally {
      this.inHand.delete(id);
    }
  }

  /** The one failure that no attempt of ours sees: it is the queue that gives a job up whose workers keep dying. */
  @OnWorkerEvent('failed')
  async onFailed(entry: Entry<Partial<QueueEntry>> | undefined, error: Error): Promise<void> {
    const id = entry?.data?.id;
    if (error.message !== LOST_TOO_OFTEN || id === undefined) return;
    this.logger.error({ job_id: id }, 'job given up: its workers died too often');
    const failure = { code: 'worker_lost', message: 'The workers that ran this job died too often' };
    await this.runs
      .abandon(id, failure)
      .catch((err: unknown) => this.logger.error({ err, job_id: id }, 'not recorded'));
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    if (isNotConnectionError(error)) this.logger.warn({ queue: this.worker.name, cause: error.message }, 'queue error');
  }
}

@Processor('critical', OPTIONS)
export class CriticalQueueProcessor extends QueueProcessor {}

@Processor('default', OPTIONS)
export class DefaultQueueProcessor extends QueueProcessor {}

@Processor('low', OPTIONS)
export class LowQueueProcessor extends QueueProcessor {}
