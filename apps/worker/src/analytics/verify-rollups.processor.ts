import { RollupChecks } from '@app/analytics';
import type { JobPayloads } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** Does `verify-rollups` jobs: compares every organization's totals with a recount, in one snapshot. */
@Injectable()
export class VerifyRollupsProcessor implements JobProcessor<'verify-rollups'> {
  constructor(
    private readonly checks: RollupChecks,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The job's result says only how many totals differ: which ones they are is other organizations' business, too. */
  async process(_payload: JobPayloads['verify-rollups'], run: JobRun): Promise<void> {
    const { drift, differences } = await this.checks.verify();
    if (drift > 0) this.logger.error({ drift, differences }, 'rollups differ from a recount');
    await run.complete(async () => ({ drift }));
  }
}
