export type { MigrationProgress, ProgressListener } from './migration-progress.js';
export { MigrationRefusedError } from './migration-refused.error.js';
export { MIGRATIONS } from './migrations.js';
export { pendingMigrationNames } from './pending-migrations.js';
export { type RunMigrationsOptions, runMigrations } from './run-migrations.js';
