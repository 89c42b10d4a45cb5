import { Module } from '@nestjs/common';
import { ROLLUP_METRIC_PROVIDERS, RollupMetrics } from './rollup.metrics.js';
import { RollupChecks } from './rollup-checks.service.js';
import { RollupFolding } from './rollup-folding.service.js';
import { RollupsRepository } from './rollups.repository.js';

/** Keeps the rollups: for the process that folds and checks them. Who only reads them needs `AnalyticsModule` alone. */
@Module({
  providers: [RollupChecks, RollupFolding, RollupMetrics, RollupsRepository, ...ROLLUP_METRIC_PROVIDERS],
  exports: [RollupChecks, RollupFolding],
})
export class RollupsModule {}
