export { AnalyticsModule } from './analytics.module.js';
export type { CustomerTotals, Overview } from './analytics.queries.js';
export { AnalyticsService } from './analytics.service.js';
export type { DailyAggregate } from './daily-aggregate.repository.js';
export { DailyAggregateService } from './daily-aggregate.service.js';
export { utcDay } from './utc-day.js';
