import { AnalyticsModule } from '@app/analytics';
import { ConfigModule, type Configuration } from '@app/config';
import { DatabaseModule } from '@app/database';
import { HealthModule } from '@app/health';
import { JobsModule, QueueHealthIndicator } from '@app/jobs';
import { type Logger, LoggingModule } from '@app/logging';
import { MetricsModule } from '@app/metrics';
import { WebhookSendingModule } from '@app/webhooks';
import { type DynamicModule, Module } from '@nestjs/common';
import { ComputeAggregateProcessor } from './analytics/compute-aggregate.processor.js';
import { DrainService } from './drain.service.js';
import { JOB_METRIC_PROVIDERS, JobMetrics } from './execution/job.metrics.js';
import { JobProcessors } from './execution/job-processors.service.js';
import { JobRunner } from './execution/job-runner.service.js';
import { JobsInHand } from './execution/jobs-in-hand.service.js';
import { CriticalQueueProcessor, DefaultQueueProcessor, LowQueueProcessor } from './execution/queue.processors.js';
import { QueueWorkers } from './execution/queue-workers.service.js';
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
        ConfigModule.forRoot(configuration),
        LoggingModule.forRoot(logger),
        MetricsModule.forRoot({ app: 'worker' }),
        DatabaseModule,
        JobsModule,
        AnalyticsModule,
        WebhookSendingModule,
        HealthModule.forRoot({ imports: [JobsModule], indicators: [QueueHealthIndicator] }),
      ],
      providers: [
        ComputeAggregateProcessor,
        CriticalQueueProcessor,
        DefaultQueueProcessor,
        DeliverWebhookProcessor,
        DrainService,
        JobMetrics,
        JobProcessors,
        JobRunner,
        JobSchedules,
        JobsInHand,
        LowQueueProcessor,
        QueueWorkers,
        ScheduleRunner,
        WorkerLoops,
        ...JOB_METRIC_PROVIDERS,
      ],
    };
  }
}
