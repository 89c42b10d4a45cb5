import { Module } from '@nestjs/common';
import { DatabasePools, POOL_METRIC_PROVIDERS } from './database-pools.service.js';
import { PoolCheckouts } from './pool-checkouts.js';
import { PrimaryLog } from './primary-log.service.js';

/** The pools in a module of their own, because the data sources are made from them. */
@Module({
  providers: [DatabasePools, PoolCheckouts, PrimaryLog, ...POOL_METRIC_PROVIDERS],
  exports: [DatabasePools, PrimaryLog],
})
export class DatabasePoolsModule {}
