import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';
import { CREATE_FILL } from './rollups/rollup-fill.js';
import { CREATE_READS } from './rollups/rollup-reads.js';
import { CREATE_SERIES } from './rollups/rollup-series.js';
import { CREATE_TABLES } from './rollups/rollup-tables.js';
import { CREATE_TRIGGERS } from './rollups/rollup-triggers.js';

/** Totals that are kept while rows change, instead of being counted when somebody asks. docs/analytics.md has the whole. */
export class CreateRollups implements MigrationInterface {
  readonly name = 'CreateRollups1795601000000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep('Create rollups', ...CREATE_TABLES, ...CREATE_FILL, ...CREATE_READS, ...CREATE_SERIES),
      // From here to the commit nobody changes a row, and after it none is changed without being counted.
      sqlStep(
        'Count every change from now on',
        'LOCK TABLE customers, accounts IN SHARE ROW EXCLUSIVE MODE',
        ...CREATE_TRIGGERS,
      ),
      sqlStep('Count the customers and accounts that there are', 'SELECT rollups_fill_totals()'),
      sqlStep('Count them by the time of their creation', 'SELECT rollups_fill_flows()'),
      sqlStep(
        'Collect statistics for the planner',
        'ANALYZE organization_totals, status_totals, customer_totals, flow_totals',
      ),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The rollups cannot be undone: what they know of deleted rows would be lost.');
  }
}
