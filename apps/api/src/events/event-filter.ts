import type { EventFilter } from '@app/change-log';
import { DomainError } from '@app/errors';
import type { EventFilterQuery } from './dto/event.query.js';

export const DEFAULT_LIMIT = 100;

export function toFilter({ type, entity, entity_id }: EventFilterQuery): EventFilter {
  return { types: type, entity, entityId: entity_id };
}

/** @throws DomainError `validation_failed` for an id without its kind: numbers of customers and accounts overlap. */
export function checkEntityFilter({ entity, entity_id }: EventFilterQuery): void {
  if (entity_id === undefined || entity !== undefined) return;
  const message = 'entity_id needs entity';
  throw new DomainError('validation_failed', message, { fields: [{ field: 'entity', code: 'required', message }] });
}
