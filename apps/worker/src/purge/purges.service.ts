import { ImportsService } from '@app/imports';
import { FinishedJobs } from '@app/jobs';
import { DeliveriesService } from '@app/webhooks';
import { Injectable } from '@nestjs/common';

/** Something that is kept for a while only. */
export interface Purge {
  /** What is deleted, in the plural; the key of its count in the job's result. */
  name: string;
  /** Deletes up to `limit` of what is too old, in the caller's transaction, and returns how many that were. */
  run(limit: number): Promise<number>;
}

/** Everything that is deleted when it is old: to add something, add an entry. */
@Injectable()
export class Purges {
  readonly all: readonly Purge[];

  constructor(finished: FinishedJobs, imports: ImportsService, deliveries: DeliveriesService) {
    this.all = [
      // Before the jobs, which would take all rows of an import with them in one statement.
      { name: 'import_rows', run: (limit) => imports.deleteExpired(limit) },
      { name: 'jobs', run: (limit) => finished.deleteExpired(limit) },
      { name: 'webhook_deliveries', run: (limit) => deliveries.deleteExpired(limit) },
    ];
  }
}
