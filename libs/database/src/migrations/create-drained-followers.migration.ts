import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

const DRAINED_FOLLOWERS = `CREATE TABLE drained_followers (
  follower text PRIMARY KEY,
  drained_at timestamptz NOT NULL DEFAULT now()
)`;

/** The followers that an operator has taken out of use: every process leaves them out. */
export class CreateDrainedFollowers implements MigrationInterface {
  readonly name = 'CreateDrainedFollowers1795386400000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [sqlStep('Create drained followers', DRAINED_FOLLOWERS)]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The table of drained followers cannot be undone: they would be read again.');
  }
}
