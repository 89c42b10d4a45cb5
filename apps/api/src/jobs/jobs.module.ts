import { AnalyticsModule } from '@app/analytics';
import { IdentityModule } from '@app/identity';
import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { JobOrders } from './job-orders.service.js';
import { JobsController } from './jobs.controller.js';

@Module({
  imports: [AnalyticsModule, IdentityModule, JobsModule],
  controllers: [JobsController],
  providers: [JobOrders],
})
export class JobsApiModule {}
