import { ChangeLogModule } from '@app/change-log';
import { Module } from '@nestjs/common';
import { DeliveriesRepository } from './deliveries/deliveries.repository.js';
import { DeliveriesService } from './deliveries/deliveries.service.js';
import { EndpointProgressRepository } from './dispatch/endpoint-progress.repository.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** Endpoints and the log of what was sent to them, for the API. Sending is WebhookSendingModule, for the worker. */
@Module({
  imports: [ChangeLogModule],
  providers: [DeliveriesRepository, DeliveriesService, EndpointProgressRepository, WebhooksRepository, WebhooksService],
  exports: [DeliveriesRepository, DeliveriesService, EndpointProgressRepository, WebhooksService],
})
export class WebhooksModule {}
