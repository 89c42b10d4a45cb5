import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import { JobsRepository } from './ledger/jobs.repository.js';

/** Jobs that ended so long ago that nobody asks for them any more. */
@Injectable()
export class FinishedJobs {
  constructor(
    private readonly jobs: JobsRepository,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** Deletes up to `limit` of the oldest jobs of all organizations. @returns how many there were. */
  deleteExpired(limit: number): Promise<number> {
    return this.jobs.deleteFinished(this.configuration.worker.jobsKeptDays, limit);
  }
}
