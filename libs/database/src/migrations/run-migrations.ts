import { DataSource, type Logger, MigrationExecutor, type QueryRunner } from 'typeorm';
import { connectionSettings } from '../servers/connection-settings.js';
import { IndexBuildWatch } from './index-build-watch.js';
import type { ProgressListener } from './migration-progress.js';
import { MigrationRefusedError } from './migration-refused.error.js';
import { setStepReporter } from './migration-steps.js';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.js';

export interface RunMigrationsOptions {
  onProgress?: ProgressListener;
  connectTimeoutMs?: number;
}

/** Any two numbers, as long as every runner of migrations uses the same: the letters `tand`, and 1. */
const LOCK = '1952542308, 1';
const OLDEST_SERVER = 15;

/** TypeORM would print failures that the caller is told anyway. */
const SILENT: Logger = {
  log: () => undefined,
  logMigration: () => undefined,
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
};

/**
 * Brings the primary's schema up to this build and returns the names of the migrations that ran, oldest first. Each runs
 * in a transaction of its own: when this process ends half way, the database is as it was before that migration, and
 * calling again goes on. Of two runners at once the second waits and then finds nothing to do.
 *
 * Other programs can't use a table while a migration changes it, so this may take minutes on a large database.
 *
 * @throws MigrationRefusedError where the database is not one that can be migrated; the driver's error otherwise.
 */
export async function runMigrations(url: string, options: RunMigrationsOptions = {}): Promise<string[]> {
  const report = options.onProgress ?? (() => undefined);
  const settings = { connectTimeoutMs: options.connectTimeoutMs ?? 10_000, statementTimeoutMs: 0, readOnly: false };
  const dataSource = new DataSource({
    type: 'postgres',
    extra: { ...connectionSettings(url, { ...settings, applicationName: 'tandem-migrate' }), max: 1 },
    installExtensions: false,
    logger: SILENT,
    migrations: [...MIGRATIONS],
    migrationsTableName: MIGRATIONS_TABLE,
    poolErrorHandler: () => undefined,
  });
  const watchSettings = connectionSettings(url, { ...settings, applicationName: 'tandem-migrate-progress' });
  let watch: IndexBuildWatch | undefined;
  await dataSource.initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await prepareSession(runner);
    await lock(runner, report);
    watch = new IndexBuildWatch(watchSettings, await backendId(runner));
    setStepReporter(runner, report, watch);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    return (await executor.executePendingMigrations()).map((migration) => migration.name);
  } finally {
    await watch?.end();
    await dataSource.destroy();
  }
}

async function prepareSession(runner: QueryRunner): Promise<void> {
  const [server] = await runner.query(`SELECT current_setting('server_version_num')::int / 10000 AS major`);
  if (server.major < OLDEST_SERVER) {
    throw new MigrationRefusedError(`PostgreSQL ${OLDEST_SERVER} or newer is needed, this server is ${server.major}`);
  }
  await runner.query('SET search_path TO public');
  // So that the server notices within a second when this process is killed during a long statement, and rolls back.
  // Servers on some systems can't: there the transaction ends with its statement.
  await runner.query(`SET client_connection_check_interval = '1s'`).catch(() => undefined);
}

/** Of the session, so the server itself releases it when this process dies. */
async function lock(runner: QueryRunner, report: ProgressListener): Promise<void> {
  const [attempt] = await runner.query(`SELECT pg_try_advisory_lock(${LOCK}) AS locked`);
  if (attempt.locked) return;
  report({ text: 'Another migration is running on this database: waiting for its end' });
  await runner.query(`SELECT pg_advisory_lock(${LOCK})`);
}

async function backendId(runner: QueryRunner): Promise<number> {
  const [row] = await runner.query('SELECT pg_backend_pid() AS pid');
  return row.pid;
}
