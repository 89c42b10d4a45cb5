import type { MigrationInterface } from 'typeorm';
import { AdoptGoDatabase } from './adopt-go-database.migration.js';
import { CreateChangeLog } from './create-change-log.migration.js';
import { CreateDrainedFollowers } from './create-drained-followers.migration.js';
import { CreateImports } from './create-imports.migration.js';
import { CreateJobs } from './create-jobs.migration.js';
import { CreateRollups } from './create-rollups.migration.js';
import { CreateWebhooks } from './create-webhooks.migration.js';
import { ExtendJobs } from './extend-jobs.migration.js';

/** Every migration, oldest first. Once released one is never changed: what comes later is a new one. */
export const MIGRATIONS: readonly (new () => MigrationInterface & { name: string })[] = [
  AdoptGoDatabase,
  CreateJobs,
  CreateDrainedFollowers,
  CreateChangeLog,
  CreateRollups,
  ExtendJobs,
  CreateImports,
  CreateWebhooks,
];

/** TypeORM's record of the migrations that have run. */
export const MIGRATIONS_TABLE = 'tandem_migrations';
