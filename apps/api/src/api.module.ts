import { ConfigModule, type Configuration } from '@app/config';
import { DatabaseModule } from '@app/database';
import { HealthModule } from '@app/health';
import { JobsModule, QueueHealthIndicator } from '@app/jobs';
import { type Logger, LoggingModule } from '@app/logging';
import { MetricsModule } from '@app/metrics';
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsApiModule } from './accounts/accounts.module.js';
import { AnalyticsApiModule } from './analytics/analytics.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CustomersApiModule } from './customers/customers.module.js';
import { EventsApiModule } from './events/events.module.js';
import { REQUEST_METRIC_PROVIDERS, RequestMetrics } from './http/request.metrics.js';
import { ImportsApiModule } from './imports/imports.module.js';
import { JobsApiModule } from './jobs/jobs.module.js';
import { SystemModule } from './system/system.module.js';
import { WebhooksApiModule } from './webhooks/webhooks.module.js';

/** The HTTP edge: every route of the API, on the libs that decide. */
@Module({
  imports: [
    DatabaseModule,
    AuthModule,
    CustomersApiModule,
    AccountsApiModule,
    AnalyticsApiModule,
    EventsApiModule,
    JobsApiModule,
    ImportsApiModule,
    SystemModule,
    WebhooksApiModule,
  ],
  providers: [RequestMetrics, ...REQUEST_METRIC_PROVIDERS],
})
export class ApiModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        ConfigModule.forRoot(configuration),
        LoggingModule.forRoot(logger),
        MetricsModule.forRoot({ app: 'api' }),
        HealthModule.forRoot({ imports: [JobsModule], indicators: [QueueHealthIndicator] }),
      ],
    };
  }
}
