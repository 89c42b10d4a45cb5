import type { RequestContext } from '@app/logging';

/** The type of the event that a test sends. No pattern has to ask for it. */
export const PING = 'webhook.ping';

/** An event as those of the change log are, but that it is in no log: it has no cursor and nothing changed. */
export function pingEvent(webhookId: string, context: RequestContext | undefined, now = new Date()) {
  return {
    cursor: null,
    type: PING,
    entity: 'webhook',
    entity_id: webhookId,
    actor: context?.actor ?? { type: 'system', id: null, name: null },
    request_id: context?.requestId ?? null,
    // JavaScript has no microseconds; the wire format's times have six digits all the same.
    occurred_at: now.toISOString().replace('Z', '000Z'),
    before: null,
    after: null,
  };
}
