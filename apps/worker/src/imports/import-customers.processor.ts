import { ImportRuns } from '@app/imports';
import type { JobPayloads } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** Does `import-customers` jobs: the lines of a file become customers. */
@Injectable()
export class ImportCustomersProcessor implements JobProcessor<'import-customers'> {
  constructor(private readonly imports: ImportRuns) {}

  process({ organization_id, import_id }: JobPayloads['import-customers'], run: JobRun): Promise<void> {
    return this.imports.run(organization_id, import_id, run);
  }
}
