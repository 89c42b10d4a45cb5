import { ChangeLogModule } from '@app/change-log';
import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { DispatchService } from './dispatch/dispatch.service.js';
import { LogFollowers } from './dispatch/log-followers.service.js';
import { SENDING_METRIC_PROVIDERS, SendingMetrics } from './sending/sending.metrics.js';
import { SendingRepository } from './sending/sending.repository.js';
import { SendingService } from './sending/sending.service.js';
import { WebhooksModule } from './webhooks.module.js';

/** What brings events to the endpoints. Import after JobsModule and MetricsModule; one process of many does each part. */
@Module({
  imports: [ChangeLogModule, JobsModule, WebhooksModule],
  providers: [
    DispatchService,
    LogFollowers,
    SendingMetrics,
    SendingRepository,
    SendingService,
    ...SENDING_METRIC_PROVIDERS,
  ],
  exports: [DispatchService, SendingService, WebhooksModule],
})
export class WebhookSendingModule {}
