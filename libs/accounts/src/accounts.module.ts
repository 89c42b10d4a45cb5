import { Module } from '@nestjs/common';
import { AccountsQueries } from './accounts.queries.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';

@Module({ providers: [AccountsQueries, AccountsRepository, AccountsService], exports: [AccountsService] })
export class AccountsModule {}
