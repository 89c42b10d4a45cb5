import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type LoggedTable, logChangesOf } from './change-log/logged-table.js';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

const WEBHOOKS = `CREATE TABLE webhooks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
  url text NOT NULL,
  event_types text[] NOT NULL,
  description text NOT NULL DEFAULT '',
  enabled boolean NOT NULL DEFAULT true,
  disabled_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  secret_created_at timestamptz NOT NULL DEFAULT now()
)`;

/** Apart from the endpoints, so that nothing that shows or logs a row of them can show a secret. */
const SECRETS = `CREATE TABLE webhook_secrets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  secret text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
)`;

/** Apart from the endpoints too: it changes with every attempt, which is no mutation that anybody asked for. */
const PROGRESS = `CREATE TABLE webhook_progress (
  webhook_id uuid PRIMARY KEY REFERENCES webhooks ON DELETE CASCADE,
  cursor text NOT NULL,
  advanced_at timestamptz NOT NULL DEFAULT now(),
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  rest_until timestamptz,
  last_attempt_at timestamptz,
  last_duration_ms integer,
  job_id uuid
)`;

const DELIVERIES = `CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  position bigint GENERATED ALWAYS AS IDENTITY,
  rank smallint NOT NULL DEFAULT 1,
  event_cursor text,
  event_type text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  state text NOT NULL DEFAULT 'pending'
    CONSTRAINT webhook_deliveries_state_check CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  last_status integer,
  last_error text,
  last_attempt_at timestamptz,
  last_duration_ms integer,
  next_attempt_at timestamptz DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
)`;

const time = (column: string): string =>
  `"' || to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"`;

/** What GET of a webhook answers, down to the byte (webhooks.int-spec.ts compares). */
const LOGGED: LoggedTable = {
  table: 'webhooks',
  entity: 'webhook',
  json: (row) => `'{"id":"' || ${row}.id || '","url":' || to_json(${row}.url)::text
    || ',"event_types":' || array_to_json(${row}.event_types)::text
    || ',"description":' || to_json(${row}.description)::text || ',"enabled":' || to_json(${row}.enabled)::text
    || ',"disabled_reason":' || coalesce(to_json(${row}.disabled_reason)::text, 'null')
    || ',"created_at":${time(`${row}.created_at`)},"secret_created_at":${time(`${row}.secret_created_at`)}}'`,
};

const index = (name: string, on: string): string =>
  `CREATE INDEX webhook_deliveries_${name}_idx ON webhook_deliveries (${on})`;

/** Endpoints that are told of changes, how far each has read the log, and what was sent to it. */
export class CreateWebhooks implements MigrationInterface {
  readonly name = 'CreateWebhooks1795604000000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep(
        'Create webhooks',
        WEBHOOKS,
        'CREATE INDEX webhooks_organization_created_idx ON webhooks (organization_id, created_at DESC, id)',
        SECRETS,
        'CREATE INDEX webhook_secrets_webhook_idx ON webhook_secrets (webhook_id)',
        PROGRESS,
      ),
      sqlStep(
        'Create deliveries',
        DELIVERIES,
        index('listed', 'webhook_id, position'),
        index('listed_by_state', 'webhook_id, state, position'),
        `${index('next', 'webhook_id, rank, position')} WHERE state = 'pending'`,
        `${index('subject', 'webhook_id, subject, position')} WHERE state = 'pending'`,
        `${index('finished', 'finished_at')} WHERE finished_at IS NOT NULL`,
      ),
      sqlStep('Log every change of webhooks from now on', ...logChangesOf(LOGGED)),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The tables of webhooks cannot be undone: receivers would miss events.');
  }
}
