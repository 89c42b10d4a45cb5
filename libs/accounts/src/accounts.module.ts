import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { AccountsQueries } from './accounts.queries.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { AccountBulkUpdates } from './bulk-update/account-bulk-updates.service.js';
import { BulkUpdatesRepository } from './bulk-update/bulk-updates.repository.js';

@Module({
  imports: [JobsModule],
  providers: [AccountBulkUpdates, AccountsQueries, AccountsRepository, AccountsService, BulkUpdatesRepository],
  exports: [AccountBulkUpdates, AccountsService],
})
export class AccountsModule {}
