import type { EventPage, Restored } from '@app/change-log';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

export class ActorResponse {
  @ApiProperty({ enum: ['user', 'api_key', 'system'] })
  type: 'user' | 'api_key' | 'system';

  @ApiProperty({ nullable: true, oneOf: [{ type: 'integer' }, { type: 'string' }], description: 'A number for users' })
  id: number | string | null;

  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}

export class EventResponse {
  @ApiProperty({ description: 'The place of the event in the log; send it as `after` to go on behind it' })
  cursor: string;

  @ApiProperty({ example: 'customer.updated' })
  type: string;

  @ApiProperty({ example: 'customer' })
  entity: string;

  @ApiProperty({ oneOf: [{ type: 'integer' }, { type: 'string' }] })
  entity_id: number | string;

  @ApiProperty({ type: ActorResponse })
  actor: ActorResponse;

  @ApiProperty({ type: String, nullable: true, description: 'The `X-Request-Id` of the request that did it' })
  request_id: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  occurred_at: string;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'What GET of the entity answered before; null when created',
  })
  before: object | null;

  @ApiProperty({ type: Object, nullable: true, description: 'What it answers since; null when deleted' })
  after: object | null;
}

export class EventListResponse {
  @ApiProperty({ type: [EventResponse] })
  events: EventResponse[];

  @ApiProperty({ description: 'Where to go on, even when nothing is left' })
  next_cursor: string;

  @ApiProperty({ description: 'Whether there is more already' })
  has_more: boolean;
}

export class UndoResponse {
  @ApiProperty({ enum: ['customer', 'account'] })
  entity: string;

  @ApiProperty({ example: 42 })
  entity_id: number;

  @ApiProperty({ type: 'integer', description: 'Customers that came back' })
  customers: number;

  @ApiProperty({ type: 'integer', description: 'Accounts that came back' })
  accounts: number;
}

export function toUndoResponse({ entity, id, customers, accounts }: Restored): UndoResponse {
  return { entity, entity_id: id, customers, accounts };
}

/** The events are JSON already. */
export function toEventListText({ events, nextCursor, hasMore }: EventPage): string {
  const list = events.map(({ json }) => json).join(',');
  return `{"events":[${list}],"next_cursor":${JSON.stringify(nextCursor)},"has_more":${hasMore}}`;
}
