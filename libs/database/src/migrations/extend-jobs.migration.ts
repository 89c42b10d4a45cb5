import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

/** What a worker process tells of itself every second; one that is silent for longer does not count. */
const JOB_WORKERS = `CREATE TABLE job_workers (
  id uuid PRIMARY KEY,
  slots integer NOT NULL,
  busy integer NOT NULL,
  started jsonb NOT NULL,
  reported_at timestamptz NOT NULL DEFAULT now()
)`;

/** When each schedule is due, and until when the worker that runs it has it for itself. */
const JOB_SCHEDULES = `CREATE TABLE job_schedules (
  name text PRIMARY KEY,
  due_at timestamptz NOT NULL,
  held_by uuid,
  held_until timestamptz
)`;

/** What has begun was handed over; without a note of it, which was not always made, nobody looks whether it is lost. */
const HANDED_OVER = `UPDATE jobs SET dispatched_at = created_at
  WHERE state IN ('delayed', 'active') AND dispatched_at IS NULL`;

/** Who asked for a job, how far a long one has got, requests that are not to be accepted twice; workers and schedules. */
export class ExtendJobs implements MigrationInterface {
  readonly name = 'ExtendJobs1795602000000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep(
        'Extend jobs',
        `ALTER TABLE jobs ADD COLUMN requested_by jsonb, ADD COLUMN checkpoint jsonb,
           ADD COLUMN idempotency_key text, ADD COLUMN request_hash text,
           ADD COLUMN interruptions integer NOT NULL DEFAULT 0`,
        HANDED_OVER,
        `CREATE UNIQUE INDEX jobs_idempotency_key_idx ON jobs (organization_id, idempotency_key)
           WHERE idempotency_key IS NOT NULL`,
        `CREATE INDEX jobs_failed_idx ON jobs (organization_id, created_at DESC, id) WHERE state = 'failed'`,
        'CREATE INDEX jobs_finished_idx ON jobs (finished_at) WHERE finished_at IS NOT NULL',
        'DROP INDEX jobs_undispatched_idx',
        `CREATE INDEX jobs_undispatched_idx ON jobs (queue, created_at) WHERE state = 'waiting' AND dispatched_at IS NULL`,
        `CREATE INDEX jobs_unfinished_idx ON jobs (dispatched_at) WHERE state IN ('waiting', 'delayed', 'active')`,
        'CREATE INDEX jobs_queue_state_idx ON jobs (queue, state)',
      ),
      sqlStep('Create workers and schedules', JOB_WORKERS, JOB_SCHEDULES),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('What jobs have noted cannot be undone: work under way would begin anew.');
  }
}
