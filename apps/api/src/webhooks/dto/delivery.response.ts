import { DELIVERY_STATES, type Delivery, type DeliveryPage } from '@app/webhooks';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

const TIME = { type: String, format: 'date-time', example: '2026-11-22T09:17:21.479120Z' } as const;

export class DeliveryResponse {
  @ApiProperty({ format: 'uuid', description: 'Sent as `webhook-id` with every attempt' })
  id: string;

  @ApiProperty({ type: String, nullable: true, description: 'Of the event, in GET /api/events; null for a test' })
  event_cursor: string | null;

  @ApiProperty({ enum: DELIVERY_STATES })
  state: string;

  @ApiProperty({ type: 'integer' })
  attempts: number;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Status of the last answer; null where none came' })
  last_status: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'The receiver answered 503' })
  last_error: string | null;

  @ApiProperty({ ...TIME, nullable: true, description: 'null once it is delivered or failed' })
  next_attempt_at: string | null;

  @ApiProperty({ example: 'customer.created' })
  event_type: string;

  @ApiProperty({ ...TIME, nullable: true })
  last_attempt_at: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'How long the last attempt took' })
  last_duration_ms: number | null;

  @ApiProperty(TIME)
  created_at: string;
}

export class DeliveryListResponse {
  @ApiProperty({ type: [DeliveryResponse] })
  deliveries: DeliveryResponse[];

  @ApiProperty({ type: String, nullable: true, description: 'For the next page; null at the end' })
  next_cursor: string | null;
}

export function toDeliveryResponse(delivery: Delivery): DeliveryResponse {
  return {
    id: delivery.id,
    event_cursor: delivery.eventCursor,
    state: delivery.state,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    next_attempt_at: delivery.nextAttemptAt,
    event_type: delivery.eventType,
    last_attempt_at: delivery.lastAttemptAt,
    last_duration_ms: delivery.lastDurationMs,
    created_at: delivery.createdAt,
  };
}

export function toDeliveryListResponse({ deliveries, nextCursor }: DeliveryPage): DeliveryListResponse {
  return { deliveries: deliveries.map(toDeliveryResponse), next_cursor: nextCursor };
}
