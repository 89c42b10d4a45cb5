import { Module } from '@nestjs/common';
import { DatabasePools, POOL_METRIC_PROVIDERS } from './database-pools.service.js';

/** The pools in a module of their own, because the data sources are made from them. */
@Module({ providers: [DatabasePools, ...POOL_METRIC_PROVIDERS], exports: [DatabasePools] })
export class DatabasePoolsModule {}
