import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

/** Until `job_id` is set, an upload that has not ended and that nobody has to do anything for. */
const IMPORTS = `CREATE TABLE imports (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id integer NOT NULL REFERENCES organizations ON DELETE CASCADE,
  job_id uuid UNIQUE REFERENCES jobs ON DELETE CASCADE,
  entity text NOT NULL CONSTRAINT imports_entity_check CHECK (entity IN ('customers', 'accounts')),
  mode text NOT NULL CONSTRAINT imports_mode_check CHECK (mode IN ('insert', 'upsert')),
  atomic boolean NOT NULL,
  dry_run boolean NOT NULL,
  columns text[] NOT NULL,
  data_offset bigint NOT NULL,
  data_line bigint NOT NULL,
  chunk_bytes integer NOT NULL,
  bytes bigint,
  created_at timestamptz NOT NULL DEFAULT now()
)`;

/** The file, in pieces of `chunk_bytes`. Compressing them would cost more than the disk that they need for a while. */
const CHUNKS = `CREATE TABLE import_chunks (
  import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
  number integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (import_id, number)
)`;

/** Lines that did not land: `text` is what the report says of one behind its number. */
const REJECTS = `CREATE TABLE import_rejects (
  import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
  line bigint NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (import_id, line)
)`;

/** What a dry run would have changed so far of what later lines of the file depend on. */
const TRIALS = `CREATE TABLE import_trials (
  import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
  key text NOT NULL,
  value text,
  PRIMARY KEY (import_id, key)
)`;

/** Files on their way from the API to the worker, and what became of their lines. */
export class CreateImports implements MigrationInterface {
  readonly name = 'CreateImports1795603000000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep(
        'Create imports',
        IMPORTS,
        'CREATE INDEX imports_unfinished_idx ON imports (created_at) WHERE job_id IS NULL',
        CHUNKS,
        'ALTER TABLE import_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL',
        REJECTS,
        TRIALS,
      ),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The tables of imports cannot be undone: files that wait would be lost.');
  }
}
