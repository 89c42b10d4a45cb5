import { type DynamicModule, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { MetricsController } from './metrics.controller.js';

/**
 * Prometheus text at /metrics, the process's own metrics included. With METRICS_TOKEN set the scraper must send it as
 * a bearer token.
 */
@Module({})
export class MetricsModule {
  static forRoot(options: { app: string }): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      imports: [
        PrometheusModule.register({
          controller: MetricsController,
          path: '/metrics',
          defaultMetrics: { enabled: true },
          defaultLabels: { app: options.app },
        }),
      ],
    };
  }
}
