import { AccountsModule } from '@app/accounts';
import { AnalyticsModule } from '@app/analytics';
import { IdentityModule } from '@app/identity';
import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { JobsController } from './jobs.controller.js';
import { QueuesController } from './queues.controller.js';
import { RequestableJobs } from './requestable-jobs.service.js';

@Module({
  imports: [AccountsModule, AnalyticsModule, IdentityModule, JobsModule],
  providers: [RequestableJobs],
  controllers: [JobsController, QueuesController],
})
export class JobsApiModule {}
