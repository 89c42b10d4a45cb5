import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { setDefaultBackendFactory } from 'bullmq';
import { JobHandover } from './job-handover.service.js';
import { JobRequests } from './job-requests.service.js';
import { JobRuns } from './job-runs.service.js';
import { JobsService } from './jobs.service.js';
import { JobRunsRepository } from './ledger/job-runs.repository.js';
import { JobsRepository } from './ledger/jobs.repository.js';
import { OutboxRepository } from './ledger/outbox.repository.js';
import { QueueHealthIndicator } from './queues/queue.health-indicator.js';
import { QUEUE_METRIC_PROVIDERS, QueueMetrics } from './queues/queue.metrics.js';
import { asBullConnection, createQueueBackend, type QueueServer } from './queues/queue-backend.js';
import { QUEUE_NAMES } from './queues/queue-names.js';
import { QUEUE_SERVER, QueueServerModule } from './queues/queue-server.module.js';
import { Queues } from './queues/queues.service.js';
import { ScheduleHoldsRepository } from './schedules/schedule-holds.repository.js';
import { ScheduleHolds } from './schedules/schedule-holds.service.js';

/** Jobs and the queues that carry them; the processors are the worker's. Import after DatabaseModule and MetricsModule. */
@Module({
  imports: [
    QueueServerModule,
    TerminusModule,
    BullModule.forRootAsync({
      imports: [QueueServerModule],
      inject: [QUEUE_SERVER],
      useFactory: (server: QueueServer) => {
        setDefaultBackendFactory(createQueueBackend);
        return { connection: asBullConnection(server), prefix: 'tandem' };
      },
    }),
    BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
  ],
  providers: [
    JobHandover,
    JobRequests,
    JobRuns,
    JobRunsRepository,
    JobsRepository,
    JobsService,
    OutboxRepository,
    QueueHealthIndicator,
    QueueMetrics,
    Queues,
    ScheduleHolds,
    ScheduleHoldsRepository,
    ...QUEUE_METRIC_PROVIDERS,
  ],
  exports: [JobHandover, JobRuns, JobsService, QueueHealthIndicator, Queues, ScheduleHolds],
})
export class JobsModule {}
