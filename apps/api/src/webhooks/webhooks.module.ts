import { WebhooksModule } from '@app/webhooks';
import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({ imports: [WebhooksModule], controllers: [WebhooksController, DeliveriesController] })
export class WebhooksApiModule {}
