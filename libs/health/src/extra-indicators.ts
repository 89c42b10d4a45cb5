import type { HealthIndicatorResult } from '@nestjs/terminus';

/** An indicator that a feature of one app adds to the readiness probe (the queues, for instance). */
export interface ReadinessIndicator {
  check(): Promise<HealthIndicatorResult> | HealthIndicatorResult;
}

/** Injection token of `ReadinessIndicator[]`. */
export const READINESS_INDICATORS = Symbol('readiness indicators');
