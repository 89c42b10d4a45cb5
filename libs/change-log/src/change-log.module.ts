import { Module } from '@nestjs/common';
import { ChangeLogQueries } from './change-log.queries.js';
import { ChangeLogService } from './change-log.service.js';

@Module({ providers: [ChangeLogQueries, ChangeLogService], exports: [ChangeLogService] })
export class ChangeLogModule {}
