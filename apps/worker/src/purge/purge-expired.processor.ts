import type { JobPayloads } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';
import { type PurgeCounts, PurgeRunner } from './purge-runner.service.js';

/** Does `purge` jobs, for who does not want to wait for the hourly run. */
@Injectable()
export class PurgeExpiredProcessor implements JobProcessor<'purge'> {
  constructor(private readonly purges: PurgeRunner) {}

  async process(_payload: JobPayloads['purge'], run: JobRun): Promise<void> {
    let deleted = (run.checkpoint ?? {}) as PurgeCounts;
    await this.purges.runAll(async (work, name) => {
      const note = (count: number) => ({ ...deleted, [name]: (deleted[name] ?? 0) + count });
      const count = await run.step(work, (done) => ({ checkpoint: note(done), percent: 50 }));
      deleted = note(count);
      return count;
    });
    await run.complete(async () => ({ deleted }));
  }
}
