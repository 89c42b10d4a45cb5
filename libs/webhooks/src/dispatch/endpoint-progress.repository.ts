import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { MAX_ATTEMPTS } from '../deliveries/retry-schedule.js';

/** Endpoints of one organization that have read the log just as far: one read serves them all. */
export interface EndpointGroup {
  organizationId: number;
  cursor: string;
  endpoints: { id: string; eventTypes: string[] }[];
}

/** An endpoint that something is due for and that nobody sends to at present. */
export interface IdleEndpoint {
  id: string;
  organizationId: number;
  standing: Standing;
}

/** Whether the last attempt was quick and succeeded; none was made yet; or it failed or was slow. */
export type Standing = 'proven' | 'unproven' | 'troubled';

/** How many endpoints of each standing. */
export type StandingCounts = Record<Standing, number>;

// Behind a certain number of waiting deliveries an endpoint reads no further: what is more stays in the log, where it
// takes no room of its own.
const GROUPS = statement(
  'webhooks.groups',
  `SELECT w.organization_id AS "organizationId", p.cursor,
     json_agg(json_build_object('id', w.id, 'eventTypes', w.event_types)) AS endpoints
   FROM webhooks w JOIN webhook_progress p ON p.webhook_id = w.id
   WHERE w.enabled AND (
     SELECT count(*) FROM (
       SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending' LIMIT $1
     ) AS waiting
   ) < $1
   GROUP BY w.organization_id, p.cursor`,
);
const LOCK_ENABLED = statement(
  'webhooks.lock-enabled',
  'SELECT id FROM webhooks WHERE id = ANY($1::uuid[]) AND enabled ORDER BY id FOR KEY SHARE',
);
const ADVANCE = statement(
  'webhooks.advance',
  `UPDATE webhook_progress SET cursor = $3, advanced_at = now()
   WHERE webhook_id = ANY($1::uuid[]) AND cursor = $2 RETURNING webhook_id AS id`,
);
const KEEP_FRESH = statement(
  'webhooks.keep-fresh',
  `UPDATE webhook_progress SET cursor = $3, advanced_at = now()
   WHERE webhook_id = ANY($1::uuid[]) AND cursor = $2 AND advanced_at < now() - interval '1 hour'`,
);
// The job that sends to an endpoint is unfinished as long as its row says so, whatever became of its worker.
const WITH_JOB = `webhooks w JOIN webhook_progress p ON p.webhook_id = w.id LEFT JOIN jobs j ON j.id = p.job_id
   AND j.state NOT IN ('completed', 'failed', 'cancelled')`;
const STANDING = `CASE WHEN p.failures > 0 OR p.last_duration_ms > $1 THEN 'troubled'
  WHEN p.last_attempt_at IS NULL THEN 'unproven' ELSE 'proven' END`;
// Organizations take turns within a standing, and each standing has a number of its own: so none crowds out another. A row
// that another run has given a job since is not what was chosen any more.
const LOCK_IDLE = statement(
  'webhooks.lock-idle',
  `WITH due AS (
   SELECT w.id, w.organization_id, p.job_id, ${STANDING} AS standing,
     row_number() OVER (PARTITION BY ${STANDING}, w.organization_id ORDER BY p.last_attempt_at NULLS FIRST, w.id) AS turn
   FROM ${WITH_JOB}
   WHERE w.enabled AND j.id IS NULL AND (p.rest_until IS NULL OR p.rest_until <= now()) AND EXISTS (
     SELECT FROM webhook_deliveries d
     WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.next_attempt_at <= now() AND NOT EXISTS (
       SELECT FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.state = 'pending'
         AND e.subject = d.subject AND e.position < d.position
     )
   )
   ), chosen AS (
     SELECT *, row_number() OVER (PARTITION BY standing ORDER BY turn, id) AS place FROM due
   )
   SELECT c.id, c.organization_id AS "organizationId", c.standing
   FROM chosen c JOIN webhook_progress p ON p.webhook_id = c.id AND p.job_id IS NOT DISTINCT FROM c.job_id
   WHERE c.place <= CASE c.standing WHEN 'proven' THEN $2::int WHEN 'unproven' THEN $3::int ELSE $4::int END
   ORDER BY c.place FOR UPDATE OF p SKIP LOCKED`,
);
const COUNT_BUSY = statement(
  'webhooks.count-busy',
  `SELECT ${STANDING} AS standing, count(*)::int AS count FROM ${WITH_JOB} WHERE j.id IS NOT NULL GROUP BY 1`,
);
// Of the jobs that went before only failed ones are worth a look: every second of a busy day would leave one.
const SET_JOB = statement(
  'webhooks.set-job',
  `WITH previous AS (
     DELETE FROM jobs j USING webhook_progress p WHERE p.webhook_id = $1 AND j.id = p.job_id AND j.state = 'completed'
   )
   UPDATE webhook_progress SET job_id = $2 WHERE webhook_id = $1`,
);
const HURRY = statement(
  'webhooks.hurry',
  `UPDATE webhook_deliveries SET next_attempt_at = now(), max_attempts = attempts + ${MAX_ATTEMPTS}
   WHERE webhook_id = $1 AND state = 'pending' AND rank > 0`,
);
const FORGET_FAILURES = statement(
  'webhooks.forget-failures',
  'UPDATE webhook_progress SET failures = 0, failing_since = NULL, rest_until = NULL WHERE webhook_id = $1',
);
const END_REST = statement('webhooks.end-rest', 'UPDATE webhook_progress SET rest_until = NULL WHERE webhook_id = $1');

/** How far each endpoint has read the log, how it fares, and the job that sends to it. No change of this is an event. */
@Injectable()
export class EndpointProgressRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Enabled endpoints with fewer than `maxWaiting` deliveries to go. */
  groups(maxWaiting: number): Promise<EndpointGroup[]> {
    return this.primary.query<EndpointGroup>(GROUPS, [maxWaiting]);
  }

  /**
   * Moves those endpoints on that are enabled and still at `from`; call it in the transaction that stores their deliveries.
   * Locks in the order in which a deletion does, so that neither waits for the other for ever.
   */
  async advance(ids: string[], from: string, to: string): Promise<string[]> {
    const enabled = await this.primary.query<{ id: string }>(LOCK_ENABLED, [ids]);
    const values = [enabled.map(({ id }) => id), from, to];
    return (await this.primary.query<{ id: string }>(ADVANCE, values)).map(({ id }) => id);
  }

  /** Where nothing happened for an hour the place in the log is renewed, or it would count as too old one day. */
  async keepFresh(ids: string[], from: string, to: string): Promise<void> {
    if (from !== to) await this.primary.query(KEEP_FRESH, [ids, from, to]);
  }

  /**
   * So many of each standing that something is due for. Call it in a transaction: until it ends nobody else gets the same.
   *
   * @param slowMs from which on a receiver is slow.
   */
  lockIdle(slowMs: number, { proven, unproven, troubled }: StandingCounts): Promise<IdleEndpoint[]> {
    return this.primary.query<IdleEndpoint>(LOCK_IDLE, [slowMs, proven, unproven, troubled]);
  }

  /** To how many of each standing something is being sent. */
  async countBusy(slowMs: number): Promise<StandingCounts> {
    const rows = await this.primary.query<{ standing: Standing; count: number }>(COUNT_BUSY, [slowMs]);
    const counts = { proven: 0, unproven: 0, troubled: 0 };
    for (const { standing, count } of rows) counts[standing] = count;
    return counts;
  }

  /** The job that sends from now on; the row of the one before goes, if it did its work. */
  async setJob(id: string, jobId: string): Promise<void> {
    await this.primary.query(SET_JOB, [id, jobId]);
  }

  /** As if it had never failed: what waits is due now, with all its attempts. */
  async startAfresh(id: string): Promise<void> {
    await this.primary.query(HURRY, [id]);
    await this.primary.query(FORGET_FAILURES, [id]);
  }

  async endRest(id: string): Promise<void> {
    await this.primary.query(END_REST, [id]);
  }
}
