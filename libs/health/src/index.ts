export { DrainState } from './drain-state.service.js';
export { READINESS_INDICATORS, type ReadinessIndicator } from './extra-indicators.js';
export { HealthModule } from './health.module.js';
export type { HealthOverview } from './overview.controller.js';
