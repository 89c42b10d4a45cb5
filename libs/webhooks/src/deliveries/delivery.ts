import { utcTime } from '../webhook.sql.js';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event on its way to one endpoint. Its id is the `webhook-id` of every attempt. Times are RFC 3339, UTC. */
export interface Delivery {
  id: string;
  /** Null for a test. */
  eventCursor: string | null;
  state: DeliveryState;
  attempts: number;
  /** The receiver's last answer; null when there was none. */
  lastStatus: number | null;
  lastError: string | null;
  nextAttemptAt: string | null;
  eventType: string;
  lastAttemptAt: string | null;
  lastDurationMs: number | null;
  createdAt: string;
}

/** The select list that makes a `Delivery` of a row of `webhook_deliveries`. */
export const DELIVERY_COLUMNS = `id, event_cursor AS "eventCursor", state, attempts, last_status AS "lastStatus",
  last_error AS "lastError", ${utcTime('next_attempt_at')} AS "nextAttemptAt", event_type AS "eventType",
  ${utcTime('last_attempt_at')} AS "lastAttemptAt", last_duration_ms AS "lastDurationMs",
  ${utcTime('created_at')} AS "createdAt"`;
