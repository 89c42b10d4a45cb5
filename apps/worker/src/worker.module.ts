import { AccountsModule } from '@app/accounts';
import { AnalyticsModule, RollupsModule } from '@app/analytics';
import { CHANGE_LOG_METRIC_PROVIDERS, ChangeLogDelay, ChangeLogModule } from '@app/change-log';
import { ConfigModule, type Configuration } from '@app/config';
import { DatabaseModule } from '@app/database';
import { HealthModule } from '@app/health';
import { ImportsModule } from '@app/imports';
import { JobsModule, QueueHealthIndicator } from '@app/jobs';
import { type Logger, LoggingModule } from '@app/logging';
import { MetricsModule } from '@app/metrics';
import { WebhookSendingModule } from '@app/webhooks';
import { type DynamicModule, Module } from '@nestjs/common';
import { BulkUpdateAccountsProcessor } from './accounts/bulk-update-accounts.processor.js';
import { ComputeAggregateProcessor } from './analytics/compute-aggregate.processor.js';
import { RebuildRollupsProcessor } from './analytics/rebuild-rollups.processor.js';
import { VerifyRollupsProcessor } from './analytics/verify-rollups.processor.js';
import { DrainService } from './drain.service.js';
import { EntryHandler } from './execution/entry-handler.service.js';
import { JOB_METRIC_PROVIDERS, JobMetrics } from './execution/job.metrics.js';
import { JobProcessors } from './execution/job-processors.service.js';
import { JobRunner } from './execution/job-runner.service.js';
import { JobsInHand } from './execution/jobs-in-hand.service.js';
import { QueueWorkers } from './execution/queue-workers.service.js';
import { RecentStarts } from './execution/recent-starts.service.js';
import { WORKER_METRIC_PROVIDERS, WorkerReports } from './execution/worker-reports.service.js';
import { ImportAccountsProcessor } from './imports/import-accounts.processor.js';
import { ImportCustomersProcessor } from './imports/import-customers.processor.js';
import { PurgeExpiredProcessor } from './purge/purge-expired.processor.js';
import { PurgeRunner } from './purge/purge-runner.service.js';
import { Purges } from './purge/purges.service.js';
import { JobSchedules } from './schedules/job-schedules.service.js';
import { ScheduleRunner } from './schedules/schedule-runner.service.js';
import { DeliverWebhookProcessor } from './webhooks/deliver-webhook.processor.js';
import { WorkerLoops } from './worker-loops.service.js';

/** The worker: the libraries without the HTTP edge, and what takes jobs from the queues. */
@Module({})
export class WorkerModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ConfigModule.forRoot(withRoomForSlots(configuration)),
        LoggingModule.forRoot(logger),
        MetricsModule.forRoot({ app: 'worker' }),
        DatabaseModule,
        JobsModule,
        AccountsModule,
        AnalyticsModule,
        RollupsModule,
        ImportsModule,
        WebhookSendingModule,
        ChangeLogModule,
        HealthModule.forRoot({ imports: [JobsModule], indicators: [QueueHealthIndicator] }),
      ],
      providers: [
        BulkUpdateAccountsProcessor,
        ChangeLogDelay,
        ComputeAggregateProcessor,
        DeliverWebhookProcessor,
        DrainService,
        EntryHandler,
        ImportAccountsProcessor,
        ImportCustomersProcessor,
        JobMetrics,
        JobProcessors,
        JobRunner,
        JobSchedules,
        JobsInHand,
        PurgeExpiredProcessor,
        PurgeRunner,
        Purges,
        QueueWorkers,
        RecentStarts,
        RebuildRollupsProcessor,
        ScheduleRunner,
        VerifyRollupsProcessor,
        WorkerLoops,
        WorkerReports,
        ...CHANGE_LOG_METRIC_PROVIDERS,
        ...JOB_METRIC_PROVIDERS,
        ...WORKER_METRIC_PROVIDERS,
      ],
    };
  }
}

/** Connections for what a worker does beside its jobs, each of which may hold one. */
const OTHER_CONNECTIONS = 5;

/** A pool that the jobs can exhaust would keep the worker from reporting, and from hearing of cancellations. */
function withRoomForSlots(configuration: Configuration): Configuration {
  const { database, worker } = configuration;
  const primaryPoolMax = Math.max(database.primaryPoolMax, worker.slots + OTHER_CONNECTIONS);
  return { ...configuration, database: { ...database, primaryPoolMax } };
}
