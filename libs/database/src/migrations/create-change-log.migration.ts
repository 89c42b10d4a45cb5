import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_BALANCES } from './change-log/balances.sql.js';
import {
  DEFAULT_PARTITION,
  DROPPED,
  ENSURE_EPOCH,
  EPOCHS,
  EVENT_INDEXES,
  EVENTS,
  SEQUENCE,
} from './change-log/events.sql.js';
import { logChangesOf } from './change-log/logged-table.js';
import { ACCOUNTS_FIRST, LOGGED_TABLES } from './change-log/logged-tables.js';
import { CREATE_PARTITION_FUNCTIONS } from './change-log/partitions.sql.js';
import { MigrationRefusedError } from './migration-refused.error.js';
import { runSteps, sqlStep } from './migration-steps.js';

/** The change log: its table, its epochs, and the triggers that write it. No row that is there is touched. */
export class CreateChangeLog implements MigrationInterface {
  readonly name = 'CreateChangeLog1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runSteps(runner, [
      sqlStep('Create the change log', SEQUENCE, EVENTS, ...EVENT_INDEXES, DEFAULT_PARTITION, DROPPED),
      sqlStep('Begin its first epoch', EPOCHS, ENSURE_EPOCH, 'SELECT change_log_ensure_epoch()'),
      sqlStep(
        'Make its partitions',
        ...CREATE_BALANCES,
        ...CREATE_PARTITION_FUNCTIONS,
        'SELECT change_log_ensure_partitions()',
      ),
      // From here to the commit nobody changes a row, and after it none is changed without being told.
      sqlStep(
        'Log every change from now on',
        'LOCK TABLE customers, accounts IN SHARE ROW EXCLUSIVE MODE',
        ...ACCOUNTS_FIRST,
        ...LOGGED_TABLES.flatMap(logChangesOf),
      ),
      sqlStep('Note what was there before', 'SELECT change_log_open_balances()', 'ANALYZE opening_balances'),
    ]);
  }

  async down(): Promise<void> {
    throw new MigrationRefusedError('The change log cannot be undone: what it tells would be lost.');
  }
}
