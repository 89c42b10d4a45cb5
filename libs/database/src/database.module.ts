import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FOLLOWER, PRIMARY } from './data-source-names.js';
import { DATABASE_METRIC_PROVIDERS, DatabaseMetrics } from './database.metrics.js';
import { DatabaseReadiness } from './readiness.service.js';
import { ClientTokens } from './routing/client-tokens.service.js';
import { DrainedFollowers } from './routing/drained-followers.service.js';
import { FallbackPool } from './routing/fallback-pool.service.js';
import { FollowerChoice } from './routing/follower-choice.service.js';
import { FollowerFactory } from './routing/follower-factory.service.js';
import { Followers } from './routing/followers.service.js';
import { OwnWrites } from './routing/own-writes.service.js';
import { PrimaryReads } from './routing/primary-reads.service.js';
import { ReadRecord } from './routing/read-record.service.js';
import { ReadRouter } from './routing/read-router.service.js';
import { ReplicationStatus } from './routing/replication-status.service.js';
import { RouteDecision } from './routing/route-decision.service.js';
import { WriteRecord } from './routing/write-record.service.js';
import { dataSourceOptions } from './servers/data-source-options.js';
import { DatabasePoolsModule } from './servers/database-pools.module.js';
import { DatabasePools } from './servers/database-pools.service.js';
import { FollowerDataSource } from './servers/follower-data-source.service.js';
import { PrimaryDataSource } from './servers/primary-data-source.service.js';
import { PrimaryDatabase } from './servers/primary-database.service.js';
import { PrimaryMonitor } from './servers/primary-monitor.service.js';
import { RowStreams } from './streams/row-streams.service.js';
import { PrimarySnapshots } from './transactions/primary-snapshots.service.js';
import { TransactionRunner } from './transactions/transaction-runner.service.js';

const PUBLIC = [
  DatabaseReadiness,
  Followers,
  PrimaryDatabase,
  PrimaryMonitor,
  PrimarySnapshots,
  ReadRouter,
  ReplicationStatus,
  RowStreams,
  TransactionRunner,
];

/**
 * The two databases. Imported once by each app, after ConfigModule, LoggingModule and MetricsModule. Connecting happens
 * in the background, so an app starts whether or not its servers do.
 */
@Global()
@Module({
  imports: [
    DatabasePoolsModule,
    TypeOrmModule.forRootAsync({
      name: PRIMARY,
      imports: [DatabasePoolsModule],
      inject: [DatabasePools],
      useFactory: (pools: DatabasePools) => ({
        ...dataSourceOptions(pools.primary),
        autoLoadEntities: true,
        manualInitialization: true,
      }),
    }),
    TypeOrmModule.forRootAsync({
      name: FOLLOWER,
      imports: [DatabasePoolsModule],
      inject: [DatabasePools],
      useFactory: (pools: DatabasePools) => ({
        ...dataSourceOptions(pools.followers[0] ?? pools.fallback),
        autoLoadEntities: true,
        manualInitialization: true,
      }),
    }),
  ],
  providers: [
    ...PUBLIC,
    ...DATABASE_METRIC_PROVIDERS,
    DatabaseMetrics,
    ClientTokens,
    DrainedFollowers,
    FallbackPool,
    FollowerChoice,
    FollowerFactory,
    FollowerDataSource,
    OwnWrites,
    PrimaryDataSource,
    PrimaryReads,
    ReadRecord,
    RouteDecision,
    WriteRecord,
  ],
  exports: PUBLIC,
})
export class DatabaseModule {}
