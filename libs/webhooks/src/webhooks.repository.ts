import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { WebhookInput } from './webhook.js';
import { WEBHOOK_JSON } from './webhook.sql.js';

const INSERT = statement(
  'webhooks.insert',
  `WITH room AS (
     SELECT count(*) < $8 AS is_left FROM webhooks WHERE organization_id = $1
   ), webhook AS (
     INSERT INTO webhooks (organization_id, url, event_types, description, enabled)
     SELECT $1, $2, $3, $4, $5 FROM room WHERE is_left RETURNING *
   ), secret AS (
     INSERT INTO webhook_secrets (webhook_id, secret) SELECT id, $6 FROM webhook
   ), progress AS (
     INSERT INTO webhook_progress (webhook_id, cursor) SELECT id, $7 FROM webhook
   )
   SELECT ${WEBHOOK_JSON} AS json FROM webhook`,
);
const FIND = statement(
  'webhooks.find',
  `SELECT ${WEBHOOK_JSON} AS json FROM webhooks WHERE organization_id = $1 AND id = $2`,
);
const LIST = statement(
  'webhooks.list',
  `SELECT ${WEBHOOK_JSON} AS json FROM webhooks WHERE organization_id = $1 ORDER BY webhooks.created_at DESC, id`,
);
const LOCK = statement(
  'webhooks.lock',
  `SELECT url, event_types AS "eventTypes", description, enabled FROM webhooks
   WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
);
const UPDATE = statement(
  'webhooks.update',
  `UPDATE webhooks SET url = $3, event_types = $4, description = $5, enabled = $6,
     disabled_reason = CASE WHEN $6 THEN NULL ELSE disabled_reason END
   WHERE organization_id = $1 AND id = $2 RETURNING ${WEBHOOK_JSON} AS json`,
);
const DELETE = statement('webhooks.delete', 'DELETE FROM webhooks WHERE organization_id = $1 AND id = $2 RETURNING id');
// What was replaced before and still signs stops at once: two secrets are valid at a time, never three.
const RETIRE_SECRETS = statement(
  'webhooks.retire-secrets',
  `WITH retired AS (DELETE FROM webhook_secrets WHERE webhook_id = $1 AND expires_at IS NOT NULL)
   UPDATE webhook_secrets SET expires_at = now() + make_interval(hours => $2)
   WHERE webhook_id = $1 AND expires_at IS NULL`,
);
const ADD_SECRET = statement(
  'webhooks.add-secret',
  `WITH secret AS (INSERT INTO webhook_secrets (webhook_id, secret) VALUES ($2, $3))
   UPDATE webhooks SET secret_created_at = now() WHERE organization_id = $1 AND id = $2
   RETURNING ${WEBHOOK_JSON} AS json`,
);

/** Endpoints and their secrets, on the primary. Answers are JSON texts, null where the organization has no such endpoint. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** @param cursor in the change log, from which on it gets events. @returns null when the organization has `limit` already. */
  async insert(
    organizationId: number,
    { url, eventTypes, description, enabled }: WebhookInput,
    secret: string,
    cursor: string,
    limit: number,
  ): Promise<string | null> {
    const values = [organizationId, url, eventTypes, description, enabled, secret, cursor, limit];
    return this.json(await this.primary.write<{ json: string }>(organizationId, INSERT, values));
  }

  async find(organizationId: number, id: string): Promise<string | null> {
    return this.json(await this.primary.query<{ json: string }>(FIND, [organizationId, id]));
  }

  /** Newest first. */
  async list(organizationId: number): Promise<string[]> {
    return (await this.primary.query<{ json: string }>(LIST, [organizationId])).map(({ json }) => json);
  }

  /** What it is now; until the open transaction ends nobody else changes it. */
  async lock(organizationId: number, id: string): Promise<WebhookInput | null> {
    return (await this.primary.query<WebhookInput>(LOCK, [organizationId, id]))[0] ?? null;
  }

  async update(organizationId: number, id: string, input: WebhookInput): Promise<string | null> {
    const { url, eventTypes, description, enabled } = input;
    const values = [organizationId, id, url, eventTypes, description, enabled];
    return this.json(await this.primary.write<{ json: string }>(organizationId, UPDATE, values));
  }

  /** Its secrets, deliveries and place in the log go with it. */
  async delete(organizationId: number, id: string): Promise<boolean> {
    return (await this.primary.write(organizationId, DELETE, [organizationId, id])).length > 0;
  }

  /** Call it in a transaction that holds the endpoint's lock. The secret before goes on signing for `hours`. */
  async replaceSecret(organizationId: number, id: string, secret: string, hours: number): Promise<string | null> {
    await this.primary.query(RETIRE_SECRETS, [id, hours]);
    return this.json(
      await this.primary.write<{ json: string }>(organizationId, ADD_SECRET, [organizationId, id, secret]),
    );
  }

  private json(rows: { json: string }[]): string | null {
    return rows[0]?.json ?? null;
  }
}
