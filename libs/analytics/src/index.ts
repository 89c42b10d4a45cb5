export { AnalyticsModule } from './analytics.module.js';
export type { CustomerTotals, Overview } from './analytics.queries.js';
export { AnalyticsService } from './analytics.service.js';
