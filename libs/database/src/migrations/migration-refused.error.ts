/**
 * The database is not one that can be migrated, or a migration can't be undone. Nothing was changed. The message is for
 * the operator, who has to do something about it; trying again changes nothing.
 */
export class MigrationRefusedError extends Error {
  override readonly name = 'MigrationRefusedError';
}
