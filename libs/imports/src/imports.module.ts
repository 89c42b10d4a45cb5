import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { ImportsService } from './imports.service.js';
import { ImportsQueries } from './report/imports.queries.js';
import { RejectsRepository } from './report/rejects.repository.js';
import { ImportFilesRepository } from './run/import-files.repository.js';
import { ImportRuns } from './run/import-runs.service.js';
import { CustomersTrialRepository } from './trial/customers-trial.repository.js';
import { ImportUploads } from './upload/import-uploads.service.js';
import { UploadsRepository } from './upload/uploads.repository.js';
import { AccountsWriteRepository } from './write/accounts.repository.js';
import { CustomersWriteRepository } from './write/customers.repository.js';
import { RowWriter } from './write/row-writer.service.js';

/** Files of customers and accounts: taken in by the API, imported by the worker. docs/imports.md has the rules. */
@Module({
  imports: [JobsModule],
  providers: [
    AccountsWriteRepository,
    CustomersTrialRepository,
    CustomersWriteRepository,
    ImportFilesRepository,
    ImportRuns,
    ImportsQueries,
    ImportsService,
    ImportUploads,
    RejectsRepository,
    RowWriter,
    UploadsRepository,
  ],
  exports: [ImportRuns, ImportsService, ImportUploads],
})
export class ImportsModule {}
