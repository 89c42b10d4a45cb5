import { DailyAggregateService } from '@app/analytics';
import type { JobPayloads } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** Does `aggregate` jobs: the totals of one day of one organization. */
@Injectable()
export class ComputeAggregateProcessor implements JobProcessor<'aggregate'> {
  constructor(private readonly aggregates: DailyAggregateService) {}

  async process({ organization_id, date }: JobPayloads['aggregate'], run: JobRun): Promise<void> {
    await run.reportProgress(10);
    await run.complete(() => this.aggregates.compute(organization_id, date));
  }
}
