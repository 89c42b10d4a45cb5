import { pendingMigrationNames, type SqlSession } from '@app/database';
import { CommandRefusedError } from './failure-message.js';

/** @throws CommandRefusedError where the schema is not the one that this build works on. */
export async function requireSchema(session: SqlSession): Promise<void> {
  if ((await pendingMigrationNames(session)).length > 0) {
    throw new CommandRefusedError('The schema is not up to date: run "npm run migrate" first');
  }
}
