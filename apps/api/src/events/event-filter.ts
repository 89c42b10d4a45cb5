import type { EventFilter } from '@app/change-log';
import { DomainError } from '@app/errors';
import { isRoleAtLeast } from '@app/identity';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import type { EventFilterQuery } from './dto/event.query.js';

export const DEFAULT_LIMIT = 100;

/** Whoever has the address of a chat's webhook may write there: only admins see it, here as in GET /api/webhooks. */
const ONLY_FOR_ADMINS = ['webhook'];

export function toFilter({ type, entity, entity_id }: EventFilterQuery, { role }: AuthenticatedUser): EventFilter {
  return {
    types: type,
    entity,
    entityId: entity_id,
    hidden: isRoleAtLeast(role, 'admin') ? [] : ONLY_FOR_ADMINS,
  };
}

/** @throws DomainError `validation_failed` for an id without its kind: numbers of customers and accounts overlap. */
export function checkEntityFilter({ entity, entity_id }: EventFilterQuery): void {
  if (entity_id === undefined || entity !== undefined) return;
  const message = 'entity_id needs entity';
  throw new DomainError('validation_failed', message, { fields: [{ field: 'entity', code: 'required', message }] });
}
