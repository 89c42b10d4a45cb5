import { type Job, type JobAttempt, JobRuns, JobSupersededError } from '@app/jobs';
import { LOGGER, type Logger, type RequestContext, runInContext } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { JobMetrics } from './job.metrics.js';
import { describeFailure, isOutage, isRetryable } from './job-failure.js';
import { JobProcessors } from './job-processors.service.js';
import { JobsInHand, WorkerStoppingError } from './jobs-in-hand.service.js';
import { RecentStarts } from './recent-starts.service.js';

/**
 * Runs one attempt at a job and settles how it ended, in the table `jobs` first and then towards the queue. Whether a
 * job is tried again is decided by its row; the queue is only told.
 */
@Injectable()
export class JobRunner {
  constructor(
    private readonly processors: JobProcessors,
    private readonly runs: JobRuns,
    private readonly inHand: JobsInHand,
    private readonly metrics: JobMetrics,
    private readonly starts: RecentStarts,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Resolves when nothing is left to do for this entry of the queue, which a finished, cancelled or deleted job is too.
   *
   * @throws an error that makes the queue try again later, or `UnrecoverableError` where it must not.
   */
  run(id: string, onStart: (attempt: JobAttempt) => void): Promise<void> {
    const context: RequestContext = { requestId: id };
    return runInContext(context, async () => {
      const job = await this.runs.start(id);
      if (job === null) return this.logger.info({ job_id: id }, 'job has nothing left to do');
      context.requestId = job.requestId ?? id;
      if (job.requestedBy !== null) context.actor = job.requestedBy;
      const attempt = { id, attempt: job.attempts };
      onStart(attempt);
      await this.inHand.hold(attempt, (signal) => this.perform(job, attempt, signal));
    });
  }

  private async perform(job: Job, attempt: JobAttempt, signal: AbortSignal): Promise<void> {
    const { id, type, queue } = job;
    const stopTimer = this.metrics.duration.startTimer({ type });
    this.metrics.started.inc({ queue, type });
    this.starts.add(queue);
    try {
      let isCompleted = false;
      await this.processors.process(type, job.payload, {
        checkpoint: job.checkpoint,
        signal,
        reportProgress: (percent) => this.runs.reportProgress(attempt, percent),
        assertMayGoOn: () => this.inHand.assertMayGoOn(signal),
        step: async (effect, after, { evenWhileStopping = false } = {}) => {
          if (!evenWhileStopping) this.inHand.assertMayGoOn(signal);
          return this.runs.step(attempt, effect, after);
        },
        complete: async (effect) => {
          await this.runs.complete(attempt, effect);
          isCompleted = true;
        },
      });
      if (!isCompleted) throw new Error(`The processor of ${type} ended without completing the job`);
    } catch (cause) {
      // An aborted attempt ends by whatever its work throws when it is interrupted.
      const error: unknown = signal.aborted ? signal.reason : cause;
      if (error instanceof JobSupersededError) {
        stopTimer({ outcome: 'superseded' });
        return this.logger.info({ job_id: id, type }, 'job was cancelled or taken over');
      }
      if (error instanceof WorkerStoppingError) return await this.handBack(attempt, error);
      const seconds = stopTimer({ outcome: 'failed' });
      return await this.settleFailure(job, attempt, error, seconds);
    }
    const seconds = stopTimer({ outcome: 'completed' });
    this.metrics.completed.inc({ type });
    this.logger.info({ job_id: id, type, attempt: attempt.attempt, seconds }, 'job completed');
  }

  /** The queue is told by whoever called. */
  private async handBack(attempt: JobAttempt, error: WorkerStoppingError): Promise<void> {
    await this.runs.handBack(attempt);
    this.logger.info({ job_id: attempt.id }, 'job handed back: the worker stops');
    throw error;
  }

  private async settleFailure(job: Job, attempt: JobAttempt, error: unknown, seconds: number): Promise<void> {
    const { id, type } = job;
    const details = { err: error, job_id: id, type, attempt: attempt.attempt, seconds };
    const failure = describeFailure(error);
    // Where the row can't be reached, the next start notices that this attempt never ended and gives it back.
    if (isOutage(error) && (await this.runs.interrupt(attempt).catch(() => true))) {
      this.logger.warn(details, 'job interrupted by an outage');
      throw new Error(failure.message);
    }
    const isTriedAgain = await this.runs.fail(attempt, failure, isRetryable(error));
    if (isTriedAgain === undefined) return this.logger.warn(details, 'job failed after another run took it over');
    this.metrics.failed.inc({ type, next: isTriedAgain ? 'retry' : 'none' });
    this.logger.error(details, isTriedAgain ? 'job failed and will be tried again' : 'job failed for good');
    throw isTriedAgain ? new Error(failure.message) : new UnrecoverableError(failure.message);
  }
}
