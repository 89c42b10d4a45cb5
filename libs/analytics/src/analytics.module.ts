import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { AnalyticsQueries } from './analytics.queries.js';
import { AnalyticsService } from './analytics.service.js';
import { DailyAggregateRepository } from './daily-aggregate.repository.js';
import { DailyAggregateService } from './daily-aggregate.service.js';

@Module({
  imports: [JobsModule],
  providers: [AnalyticsQueries, AnalyticsService, DailyAggregateRepository, DailyAggregateService],
  exports: [AnalyticsService, DailyAggregateService],
})
export class AnalyticsModule {}
