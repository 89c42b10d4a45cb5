import { ConfigModule, loadConfiguration } from '@app/config';
import { DatabaseModule, DatabaseReadiness, runMigrations } from '@app/database';
import { JobsModule, runQueueMigrations } from '@app/jobs';
import { createLogger, LoggingModule } from '@app/logging';
import { type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { register } from 'prom-client';
import { WorkerModule } from '../../../apps/worker/src/worker.module.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const logger = createLogger({ level: 'silent', name: 'test' });

/** A database of one's own with the tables of Tandem and of the queues. */
export async function createJobDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await runMigrations(database.primaryUrl);
  await runQueueMigrations(database.primaryUrl);
  return database;
}

/** The libraries alone, in this process: nothing fetches jobs. Resolves when the database is ready. */
export function openLibraries(database: TestDatabase, modules: Type[] = [], variables = {}) {
  const configuration = configurationOf(database, variables);
  @Module({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(logger),
      DatabaseModule,
      JobsModule,
      ...modules,
    ],
  })
  class Libraries {}
  return open(Libraries);
}

/** The worker as it is, in this process, but for its probes. */
export function openWorker(database: TestDatabase): Promise<INestApplicationContext> {
  return open(WorkerModule.forRoot(configurationOf(database, {}), logger));
}

async function open(module: Parameters<typeof NestFactory.createApplicationContext>[0]) {
  // The registry is the process's, and the one before may have been of another context.
  register.clear();
  const context = await NestFactory.createApplicationContext(module, { logger: false });
  await eventually(() => context.get(DatabaseReadiness).assertReady());
  return context;
}

function configurationOf({ primaryUrl }: TestDatabase, variables: Record<string, string>) {
  return loadConfiguration({ NODE_ENV: 'test', DATABASE_URL: primaryUrl, ...variables }, { tokens: false });
}
