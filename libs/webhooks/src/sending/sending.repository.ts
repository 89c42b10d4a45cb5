import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { AttemptOutcome } from './attempt-outcome.js';

/** What is to be sent now. `attempts` is the fence: whoever settled it meanwhile has counted one more. */
export interface DueDelivery {
  id: string;
  eventType: string;
  body: string;
  attempts: number;
  maxAttempts: number;
  /** It was asked for by a person, and says nothing about how long the endpoint has been failing. */
  isTest: boolean;
  /** Nothing was sent to the endpoint before. */
  isFirst: boolean;
  url: string;
  /** Those that are valid now, the newest first. */
  secrets: string[];
  /** The endpoint's failures in a row so far, and how long ago they began. */
  failures: number;
  failingMs: number;
}

/** What becomes of a delivery and its endpoint after an attempt. */
export interface Settlement {
  state: 'pending' | 'delivered' | 'failed';
  /** Until the next attempt; for `pending` alone. */
  delayMs: number;
  /** The endpoint's failures in a row, this one included, and its rest. */
  failures: number;
  restMs: number;
  /** Why the endpoint gets nothing more; null where it does. */
  disabledReason: string | null;
}

// Events about the same thing wait for each other; what failed does not hold up the rest.
const NEXT_DUE = statement(
  'webhooks.next-due',
  `SELECT d.id, d.event_type AS "eventType", d.body, d.attempts, d.max_attempts AS "maxAttempts", d.rank = 0 AS "isTest", p.last_attempt_at IS NULL AS "isFirst",
     w.url, p.failures,
     coalesce(extract(epoch FROM now() - p.failing_since) * 1000, 0)::float8 AS "failingMs",
     (SELECT array_agg(s.secret ORDER BY s.id DESC) FROM webhook_secrets s
      WHERE s.webhook_id = w.id AND (s.expires_at IS NULL OR s.expires_at > now())) AS secrets
   FROM webhooks w JOIN webhook_progress p ON p.webhook_id = w.id JOIN webhook_deliveries d ON d.webhook_id = w.id
   WHERE w.organization_id = $1 AND w.id = $2 AND w.enabled AND (p.rest_until IS NULL OR p.rest_until <= now())
     AND d.state = 'pending' AND d.next_attempt_at <= now() AND NOT EXISTS (
       SELECT FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.state = 'pending'
         AND e.subject = d.subject AND e.position < d.position
     )
   ORDER BY d.rank, d.position LIMIT 1`,
);
const DISABLE = statement(
  'webhooks.disable',
  `UPDATE webhooks SET enabled = false, disabled_reason = $4
   WHERE organization_id = $1 AND id = $2 AND url = $3 AND enabled`,
);
const SETTLE = statement(
  'webhooks.settle',
  `WITH delivery AS (
     UPDATE webhook_deliveries SET state = $3, attempts = attempts + 1, last_status = $4, last_error = $5,
       last_attempt_at = now(), last_duration_ms = $6,
       next_attempt_at = CASE WHEN $3 = 'pending' THEN now() + make_interval(secs => $7::float8 / 1000) END,
       finished_at = CASE WHEN $3 <> 'pending' THEN now() END
     WHERE id = $1 AND attempts = $2 AND state = 'pending' RETURNING webhook_id
   )
   UPDATE webhook_progress p SET failures = $8, last_attempt_at = now(), last_duration_ms = $6,
     failing_since = CASE WHEN $8 > 0 THEN coalesce(failing_since, now()) END,
     rest_until = CASE WHEN $9 > 0 THEN now() + make_interval(secs => $9::float8 / 1000) END
   FROM delivery WHERE p.webhook_id = delivery.webhook_id RETURNING p.webhook_id`,
);

/** What the sending of deliveries reads and writes. */
@Injectable()
export class SendingRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** What is to be sent first; null when nothing is, for now. URL and secrets are those of this moment. */
  async nextDue(organizationId: number, webhookId: string): Promise<DueDelivery | null> {
    return (await this.primary.query<DueDelivery>(NEXT_DUE, [organizationId, webhookId]))[0] ?? null;
  }

  /** Stores how an attempt ended; false when somebody else has settled the delivery, or it is gone with its endpoint. */
  async settle(delivery: DueDelivery, outcome: AttemptOutcome, settlement: Settlement): Promise<boolean> {
    const { state, delayMs, failures, restMs } = settlement;
    const { status, error, durationMs } = outcome;
    const values = [delivery.id, delivery.attempts, state, status, error, durationMs, delayMs, failures, restMs];
    return (await this.primary.query(SETTLE, values)).length > 0;
  }

  /** Unless it leads elsewhere by now. A mutation like any other: it is in the change log. */
  async disable(organizationId: number, webhookId: string, url: string, reason: string): Promise<void> {
    await this.primary.write(organizationId, DISABLE, [organizationId, webhookId, url, reason]);
  }
}
