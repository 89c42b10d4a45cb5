import { Module } from '@nestjs/common';
import { AnalyticsQueries } from './analytics.queries.js';
import { AnalyticsService } from './analytics.service.js';

@Module({ providers: [AnalyticsQueries, AnalyticsService], exports: [AnalyticsService] })
export class AnalyticsModule {}
