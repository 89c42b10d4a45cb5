import { AccountsModule } from '@app/accounts';
import { Module } from '@nestjs/common';
import { AccountsController } from './accounts.controller.js';

@Module({ imports: [AccountsModule], controllers: [AccountsController] })
export class AccountsApiModule {}
