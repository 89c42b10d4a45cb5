import type { TransactionRunner } from '@app/database';
import type { JobAttempt, JobRunsRepository } from '@app/jobs';
import type { JobRun } from './job-processor.js';

/** The job's effect is there already: another run of it has committed first. */
export class AlreadyCompletedError extends Error {
  constructor() {
    super('The job was completed by another run');
    this.name = 'AlreadyCompletedError';
  }
}

/** One attempt, with the table `jobs` behind it. */
export class LedgerRun implements JobRun {
  isCompleted = false;

  constructor(
    private readonly attempt: JobAttempt,
    private readonly runs: JobRunsRepository,
    private readonly transactions: TransactionRunner,
  ) {}

  async reportProgress(percent: number): Promise<void> {
    await this.runs.setProgress(this.attempt, Math.min(99, Math.max(0, Math.floor(percent))));
  }

  /** @throws AlreadyCompletedError, with the effect rolled back. */
  async complete(effect: () => Promise<unknown>): Promise<void> {
    await this.transactions.run(async () => {
      const result = await effect();
      if (!(await this.runs.complete(this.attempt.id, result))) throw new AlreadyCompletedError();
    });
    this.isCompleted = true;
  }
}
