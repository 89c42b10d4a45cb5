import type { ChangeLogService } from '@app/change-log';
import { DomainError } from '@app/errors';
import type { DeliveredEvent } from '../deliveries/deliveries.repository.js';

/** A part of the change log, and where to go on behind it. */
export interface LogPage {
  events: DeliveredEvent[];
  nextCursor: string;
  hasMore: boolean;
}

/**
 * Reads on behind a place in the log. Where the log refuses the place, because the primary was replaced or because events
 * that old are dropped, the page is empty and goes on where the log says: the first loses nothing that is there, and the
 * second nothing but what is gone.
 */
export async function readLog(
  changes: ChangeLogService,
  organizationId: number,
  after: string,
  limit: number,
): Promise<LogPage> {
  try {
    const { events, nextCursor, hasMore } = await changes.read(organizationId, { after, isTrusted: true, limit });
    return { events: events.map(toDelivered), nextCursor, hasMore };
  } catch (error) {
    if (!(error instanceof DomainError) || error.nextCursor === undefined) throw error;
    return { events: [], nextCursor: error.nextCursor, hasMore: true };
  }
}

function toDelivered({ cursor, type, json }: { cursor: string; type: string; json: string }): DeliveredEvent {
  const { entity, entity_id } = JSON.parse(json) as { entity: string; entity_id: unknown };
  return { cursor, type, subject: `${entity}:${entity_id}`, json };
}
