import type { MigrationInterface, QueryRunner } from 'typeorm';
import { checkTables, lockTables } from './adoption/go-tables.check.js';
import { createMissingTables } from './adoption/go-tables.js';
import { INDEX_STEPS } from './adoption/index-steps.js';
import { createOrganization } from './adoption/organization.step.js';
import { SCOPE_STEPS } from './adoption/scope-steps.js';
import { createSearchFold } from './adoption/search-fold.step.js';
import { TIGHTEN_STEPS } from './adoption/tighten-steps.js';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

/**
 * Makes Tandem's tables out of those of the Go service, where they stand, or out of nothing. Rows, ids, sequences and
 * times stay as they are: columns are added with a constant, which rewrites no table, and only times that were NULL are
 * filled. Everything happens in one transaction, with the three tables locked against other programs meanwhile.
 */
export class AdoptGoDatabase implements MigrationInterface {
  readonly name = 'AdoptGoDatabase1795305600000';

  async up(runner: QueryRunner): Promise<void> {
    // Most of the time goes into sorting index entries, which this keeps in memory instead of temporary files.
    await runner.query(`SET LOCAL maintenance_work_mem = '256MB'`);
    await runSteps(runner, [
      { title: 'Check what is there', run: checkTables },
      { title: 'Wait until no other program uses the tables', run: lockTables },
      { title: 'Create the tables that are missing', run: createMissingTables },
      { title: 'Create organizations', run: createOrganization },
      ...TIGHTEN_STEPS,
      ...SCOPE_STEPS,
      { title: 'Prepare search', run: createSearchFold },
      ...INDEX_STEPS,
      sqlStep('Collect statistics for the planner', 'ANALYZE organizations, users, customers, accounts'),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError(
      'The adoption of the database cannot be undone: it would lose organizations and roles. Restore a backup instead.',
    );
  }
}
