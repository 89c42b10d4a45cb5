import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

const JOBS = `CREATE TABLE jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
  type text NOT NULL,
  queue text NOT NULL,
  state text NOT NULL DEFAULT 'waiting'
    CONSTRAINT jobs_state_check CHECK (state IN ('waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled')),
  progress smallint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  payload jsonb NOT NULL,
  result jsonb,
  error jsonb,
  request_id text,
  dispatched_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
)`;

const DAILY_AGGREGATES = `CREATE TABLE daily_aggregates (
  organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
  date date NOT NULL,
  total_customers bigint NOT NULL,
  total_accounts bigint NOT NULL,
  active_accounts bigint NOT NULL,
  inactive_accounts bigint NOT NULL,
  avg_accounts_per_customer double precision NOT NULL,
  new_customers bigint NOT NULL,
  new_accounts bigint NOT NULL,
  computed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, date)
)`;

/** Jobs as their owners see them, waiting ones to be handed to the queue, and what the `aggregate` job computes. */
export class CreateJobs implements MigrationInterface {
  readonly name = 'CreateJobs1795309200000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep(
        'Create jobs',
        JOBS,
        'CREATE INDEX jobs_organization_created_id_idx ON jobs (organization_id, created_at DESC, id)',
        `CREATE INDEX jobs_undispatched_idx ON jobs (created_at) WHERE state = 'waiting' AND dispatched_at IS NULL`,
      ),
      sqlStep('Create daily aggregates', DAILY_AGGREGATES),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The tables of jobs cannot be undone: their results would be lost.');
  }
}
