import { TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Job, JobFailure } from './ledger/job.js';
import { type JobAttempt, JobRunsRepository } from './ledger/job-runs.repository.js';

/** The job's effect is there already: another run of it has committed first, or it was cancelled. */
export class AlreadyCompletedError extends Error {
  constructor() {
    super('The job was completed by another run');
    this.name = 'AlreadyCompletedError';
  }
}

/** What the worker tells about the jobs that it runs. */
@Injectable()
export class JobRuns {
  constructor(
    private readonly runs: JobRunsRepository,
    private readonly transactions: TransactionRunner,
  ) {}

  /** Begins an attempt; null when nothing is left to do: the job is finished, cancelled, or gone with its owner. */
  start(id: string): Promise<Job | null> {
    return this.runs.start(id);
  }

  /** Shows how far an attempt is, in percent, 0 to 99. A no-op once another attempt has taken over. */
  async reportProgress(attempt: JobAttempt, percent: number): Promise<void> {
    await this.runs.setProgress(attempt, Math.min(99, Math.max(0, Math.floor(percent))));
  }

  /**
   * Does the job's effect and stores what it returns as the job's result, in one transaction: after a crash at any
   * point either both are there or none, and of two runs at once only one has an effect.
   *
   * @throws AlreadyCompletedError, with the effect rolled back.
   */
  async complete({ id }: JobAttempt, effect: () => Promise<unknown>): Promise<void> {
    await this.transactions.run(async () => {
      const result = await effect();
      if (!(await this.runs.complete(id, result))) throw new AlreadyCompletedError();
    });
  }

  /**
   * Stores why an attempt failed.
   *
   * @returns whether another attempt follows; undefined when another worker has the job in hand by now.
   */
  fail(attempt: JobAttempt, failure: JobFailure, isRetryable: boolean): Promise<boolean | undefined> {
    return this.runs.fail(attempt, failure, isRetryable);
  }

  /** Gives an attempt back that could not end for reasons of the worker's: the job waits, the attempt does not count. */
  handBack(attempt: JobAttempt): Promise<void> {
    return this.runs.handBack(attempt);
  }

  /** Fails a job that nobody will run any more. */
  abandon(id: string, failure: JobFailure): Promise<void> {
    return this.runs.abandon(id, failure);
  }
}
