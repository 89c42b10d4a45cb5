import { TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Job, JobFailure } from './ledger/job.js';
import { type JobAttempt, JobRunsRepository } from './ledger/job-runs.repository.js';

/** The attempt is over: the job was cancelled, or another attempt has it. What it did last is rolled back. */
export class JobSupersededError extends Error {
  constructor() {
    super('The job was cancelled or taken over');
    this.name = 'JobSupersededError';
  }
}

/** Nobody is to run the job any more: it lost its worker again and again without getting a step further. It has failed. */
export class JobGivenUpError extends Error {
  constructor() {
    super('The workers that ran this job died too often');
    this.name = 'JobGivenUpError';
  }
}

/** What a step of a long job leaves behind: where to go on, and how far that is in percent. */
export interface StepNote {
  checkpoint: object;
  percent: number;
}

/** What the worker tells about the jobs that it runs. */
@Injectable()
export class JobRuns {
  constructor(
    private readonly runs: JobRunsRepository,
    private readonly transactions: TransactionRunner,
  ) {}

  /**
   * Begins an attempt; null when nothing is left to do: the job is finished, cancelled, or gone with its owner.
   *
   * @throws JobGivenUpError
   */
  async start(id: string): Promise<Job | null> {
    const job = await this.runs.start(id);
    if (job !== null) return job;
    const error = new JobGivenUpError();
    if (await this.runs.giveUp(id, { code: 'worker_lost', message: error.message })) throw error;
    return null;
  }

  /** Shows how far an attempt is, in percent, 0 to 99. A no-op once another attempt has taken over. */
  async reportProgress(attempt: JobAttempt, percent: number): Promise<void> {
    await this.runs.setProgress(attempt, shownPercent(percent));
  }

  /**
   * Does the job's effect and stores what it returns as the job's result, in one transaction: after a crash at any
   * point either both are there or none, and of two runs at once only one has an effect.
   *
   * @throws JobSupersededError, with the effect rolled back.
   */
  async complete(attempt: JobAttempt, effect: () => Promise<unknown>): Promise<void> {
    await this.transactions.run(async () => {
      const result = await effect();
      if (!(await this.runs.complete(attempt, result))) throw new JobSupersededError();
    });
  }

  /**
   * Does a part of the job's effect and notes in the same transaction how far the job is: whatever is killed, the part
   * is there and noted, or neither.
   *
   * @throws JobSupersededError, with the part rolled back.
   */
  step<T>(attempt: JobAttempt, effect: () => Promise<T>, after: (result: T) => StepNote): Promise<T> {
    return this.transactions.run(async () => {
      const result = await effect();
      const { checkpoint, percent } = after(result);
      const isOurs = await this.runs.setCheckpoint(attempt, checkpoint, shownPercent(percent));
      if (!isOurs) throw new JobSupersededError();
      return result;
    });
  }

  /** Which of the attempts are over without having ended: cancelled, or taken over. */
  async findSuperseded(attempts: readonly JobAttempt[]): Promise<JobAttempt[]> {
    return attempts.length === 0 ? [] : this.runs.findSuperseded(attempts);
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

  /**
   * Gives an attempt back that lost a server it needs, as `handBack`, but ten times at most without a step in between.
   *
   * @returns whether it was given back.
   */
  interrupt(attempt: JobAttempt): Promise<boolean> {
    return this.runs.interrupt(attempt);
  }
}

/** A hundred is for a completed job. */
function shownPercent(percent: number): number {
  return Math.min(99, Math.max(0, Math.floor(percent)));
}
