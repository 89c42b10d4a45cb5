export { DeliveriesService, type DeliveryPage } from './deliveries/deliveries.service.js';
export { DELIVERY_STATES, type Delivery, type DeliveryState } from './deliveries/delivery.js';
export { DispatchService } from './dispatch/dispatch.service.js';
export { SendingService } from './sending/sending.service.js';
export type { WebhookInput, WebhookWithSecret } from './webhook.js';
export { WebhookSendingModule } from './webhook-sending.module.js';
export { WebhooksModule } from './webhooks.module.js';
export { WebhooksService } from './webhooks.service.js';
