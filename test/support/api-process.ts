import { findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { eventually } from './eventually.js';
import { type Answer, type CallOptions, httpCall } from './http-call.js';
import { type ProcessOptions, startProcess, type TestProcess, waitForHttp } from './processes.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** Signs the tokens of every API that these tests start. */
export const JWT_SECRET = 'the secret of the API tests which is long enough';

const MIGRATION_LIMIT_MS = 60_000;

/** A running API. */
export interface ApiProcess extends TestProcess {
  url: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** What it has logged, a record a line. */
  logLines(): Record<string, unknown>[];
}

/** Starts the built API; resolves at once, so that a test can watch it come up. See `waitUntilReady`. */
export async function startApi(
  environment: Record<string, string>,
  options: Pick<ProcessOptions, 'ipc'> = {},
): Promise<ApiProcess> {
  const port = await findFreePort();
  const running = startProcess('dist/apps/api/src/main.js', {
    ...options,
    environment: { JWT_SECRET, PORT: String(port), ...environment },
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    ...running,
    url,
    call: (method, path, options) => httpCall(url, method, path, options),
    logLines: () => running.output().split('\n').flatMap(parseLine),
  };
}

export async function waitUntilReady(api: ApiProcess): Promise<void> {
  await waitForHttp(`${api.url}/health/ready`).catch((error: Error) => {
    throw new Error(`${error.message}\n${api.output()}`);
  });
}

/** Resolves once reads may go to the follower, where the API has one. */
export async function waitUntilFollowerServes(api: ApiProcess, limitMs = 10_000): Promise<void> {
  await eventually(async () => {
    const { analytics_db: state } = (await api.call('GET', '/health')).json();
    if (state === 'disconnected') throw new Error(`The follower is ${state}:\n${api.output()}`);
  }, limitMs);
}

/** Brings a database to the present schema, as a release does. */
export async function migrate(primaryUrl: string): Promise<void> {
  const environment = { DATABASE_URL: primaryUrl };
  const migration = startProcess('dist/apps/cli/src/main.js', { arguments: ['migrate'], environment });
  const code = await migration.exited(MIGRATION_LIMIT_MS);
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${migration.output()}`);
}

/** The API on a migrated database of its own, on the shared primary and follower. */
export interface ApiStage {
  database: TestDatabase;
  api: ApiProcess;
  call: ApiProcess['call'];
  /** Runs a statement on the primary, past the API. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openApiStage(environment: Record<string, string> = {}): Promise<ApiStage> {
  const database = await createTestDatabase();
  await migrate(database.primaryUrl);
  const api = await startApi({
    DATABASE_URL: database.primaryUrl,
    ANALYTICS_DB_URL: database.followerUrl,
    ...environment,
  });
  const pool = new pg.Pool({ connectionString: database.primaryUrl, max: 4 });
  pool.on('error', () => undefined);
  await waitUntilReady(api);
  await waitUntilFollowerServes(api);
  return {
    database,
    api,
    call: api.call,
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await pool.query<Row>(text, values)).rows,
    async close() {
      await api.stop();
      await pool.end();
      await database.drop();
    },
  };
}

function parseLine(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}
