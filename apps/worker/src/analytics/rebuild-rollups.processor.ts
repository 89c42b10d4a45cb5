import { RollupChecks } from '@app/analytics';
import type { JobPayloads } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** Does `rebuild-rollups` jobs: puts a recount in the place of totals that differ. Twice does no more than once. */
@Injectable()
export class RebuildRollupsProcessor implements JobProcessor<'rebuild-rollups'> {
  constructor(
    private readonly checks: RollupChecks,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async process(_payload: JobPayloads['rebuild-rollups'], run: JobRun): Promise<void> {
    const { drift, differences } = await this.checks.rebuild();
    if (drift > 0) this.logger.warn({ drift, differences }, 'rollups differed from a recount and were put right');
    await run.complete(async () => ({ drift }));
  }
}
