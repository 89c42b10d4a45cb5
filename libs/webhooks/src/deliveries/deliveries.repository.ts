import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DELIVERY_COLUMNS, type Delivery, type DeliveryState } from './delivery.js';
import { MAX_ATTEMPTS } from './retry-schedule.js';

/** What of an event a delivery keeps: later attempts send the same bytes. */
export interface DeliveredEvent {
  cursor: string;
  type: string;
  /** What the event is about; events about the same reach an endpoint in order. */
  subject: string;
  json: string;
}

type Row = Delivery & { position: string };

const INSERT = statement(
  'webhook-deliveries.insert',
  `INSERT INTO webhook_deliveries (webhook_id, event_cursor, event_type, subject, body, max_attempts)
   SELECT $1, cursor, type, subject, body, ${MAX_ATTEMPTS}
   FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS e (cursor, type, subject, body, n)
   ORDER BY n`,
);
// A test goes before everything that waits and is tried once: whoever asks for it wants to know now.
const INSERT_TEST = statement(
  'webhook-deliveries.insert-test',
  `INSERT INTO webhook_deliveries (webhook_id, event_type, subject, body, max_attempts, rank)
   VALUES ($1, $2, $3, $4, 1, 0) RETURNING ${DELIVERY_COLUMNS}`,
);
const LIST = statement(
  'webhook-deliveries.list',
  `SELECT ${DELIVERY_COLUMNS}, position FROM webhook_deliveries
   WHERE webhook_id = $1 AND position < coalesce($3::bigint, 9223372036854775807)
   ORDER BY position DESC LIMIT $2`,
);
const LIST_OF_STATE = statement(
  'webhook-deliveries.list-of-state',
  `SELECT ${DELIVERY_COLUMNS}, position FROM webhook_deliveries
   WHERE webhook_id = $1 AND state = $4 AND position < coalesce($3::bigint, 9223372036854775807)
   ORDER BY position DESC LIMIT $2`,
);
const AGAIN = statement(
  'webhook-deliveries.again',
  `UPDATE webhook_deliveries SET state = 'pending', next_attempt_at = now(), finished_at = NULL,
     max_attempts = attempts + CASE rank WHEN 0 THEN 1 ELSE ${MAX_ATTEMPTS} END
   WHERE webhook_id = $1 AND id = $2 RETURNING ${DELIVERY_COLUMNS}`,
);
const PURGE = statement(
  'webhook-deliveries.purge',
  `DELETE FROM webhook_deliveries WHERE id IN (
     SELECT id FROM webhook_deliveries WHERE finished_at < now() - make_interval(days => $1) ORDER BY finished_at LIMIT $2
   ) RETURNING id`,
);

/** The log of deliveries, on the primary. */
@Injectable()
export class DeliveriesRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Stores what is to be sent to an endpoint, in this order. */
  async insert(webhookId: string, events: DeliveredEvent[]): Promise<void> {
    if (events.length === 0) return;
    const column = (of: (event: DeliveredEvent) => string) => events.map(of);
    await this.primary.query(INSERT, [
      webhookId,
      column(({ cursor }) => cursor),
      column(({ type }) => type),
      column(({ subject }) => subject),
      column(({ json }) => json),
    ]);
  }

  async insertTest(webhookId: string, type: string, json: string): Promise<Delivery> {
    const [row] = await this.primary.query<Delivery>(INSERT_TEST, [
      webhookId,
      type,
      `test:${crypto.randomUUID()}`,
      json,
    ]);
    if (row === undefined) throw new Error('The inserted delivery was not returned');
    return row;
  }

  /** Newest first, from behind the position on. */
  list(webhookId: string, limit: number, before?: string, state?: DeliveryState): Promise<Row[]> {
    const values = [webhookId, limit, before ?? null];
    if (state === undefined) return this.primary.query<Row>(LIST, values);
    return this.primary.query<Row>(LIST_OF_STATE, [...values, state]);
  }

  /** Makes a delivery due, with all its attempts again; null when the endpoint has none with this id. */
  async again(webhookId: string, id: string): Promise<Delivery | null> {
    return (await this.primary.query<Delivery>(AGAIN, [webhookId, id]))[0] ?? null;
  }

  /** Removes up to `limit` that ended so many days ago. @returns how many. */
  async purge(days: number, limit: number): Promise<number> {
    return (await this.primary.query(PURGE, [days, limit])).length;
  }
}
