import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { FinishedJobs } from './finished-jobs.service.js';
import { JobHandover } from './job-handover.service.js';
import { JobRequests } from './job-requests.service.js';
import { JobRuns } from './job-runs.service.js';
import { JobsService } from './jobs.service.js';
import { JobRunsRepository } from './ledger/job-runs.repository.js';
import { JobsRepository } from './ledger/jobs.repository.js';
import { OutboxRepository } from './ledger/outbox.repository.js';
import { QueueStatus } from './queue-status.service.js';
import { QueueHealthIndicator } from './queues/queue.health-indicator.js';
import { QUEUE_METRIC_PROVIDERS, QueueMetrics } from './queues/queue.metrics.js';
import { QUEUE_NAMES } from './queues/queue-names.js';
import { CONSUMER_OPTIONS, type ConsumerOptions, QueueServerModule } from './queues/queue-server.module.js';
import { Queues } from './queues/queues.service.js';
import { ScheduleHoldsRepository } from './schedules/schedule-holds.repository.js';
import { ScheduleHolds } from './schedules/schedule-holds.service.js';
import { JobWorkersRepository } from './workers/job-workers.repository.js';
import { JobWorkers } from './workers/job-workers.service.js';

/** Jobs and the queues that carry them; the processors are the worker's. Import after DatabaseModule and MetricsModule. */
@Module({
  imports: [
    QueueServerModule,
    TerminusModule,
    BullModule.forRootAsync({
      imports: [QueueServerModule],
      inject: [CONSUMER_OPTIONS],
      useFactory: (options: ConsumerOptions) => options,
    }),
    BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
  ],
  providers: [
    FinishedJobs,
    JobHandover,
    JobRequests,
    JobRuns,
    JobRunsRepository,
    JobWorkers,
    JobWorkersRepository,
    JobsRepository,
    JobsService,
    OutboxRepository,
    QueueHealthIndicator,
    QueueMetrics,
    QueueStatus,
    Queues,
    ScheduleHolds,
    ScheduleHoldsRepository,
    ...QUEUE_METRIC_PROVIDERS,
  ],
  exports: [
    QueueServerModule,
    FinishedJobs,
    JobHandover,
    JobRuns,
    JobWorkers,
    JobsService,
    QueueHealthIndicator,
    QueueStatus,
    Queues,
    ScheduleHolds,
  ],
})
export class JobsModule {}
