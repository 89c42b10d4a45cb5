import { ImportRuns } from '@app/imports';
import type { JobPayloads } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** Does `import-accounts` jobs: the lines of a file become accounts. */
@Injectable()
export class ImportAccountsProcessor implements JobProcessor<'import-accounts'> {
  constructor(private readonly imports: ImportRuns) {}

  process({ organization_id, import_id }: JobPayloads['import-accounts'], run: JobRun): Promise<void> {
    return this.imports.run(organization_id, import_id, run);
  }
}
