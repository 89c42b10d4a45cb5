import { runMigrations } from '@app/database';
import { runQueueMigrations } from '@app/jobs';
import pg from 'pg';
import { eventually } from '../../support/eventually.js';
import { startProcess, type TestProcess, waitForHttp } from '../../support/processes.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import type { Backend } from './backends.js';
import { JobClient } from './job-client.js';
import { RedisServer } from './redis-server.js';

const entryPoint = (app: 'api' | 'worker'): string => `dist/apps/${app}/src/main.js`;
const WORKER = entryPoint('worker');
const WORKER_ADDRESS = /"address":"([^"]+)".*"worker listens for probes"/;

export interface RunningWorker {
  process: TestProcess;
  /** Of its probes and metrics. */
  url: string;
}

/** API and workers, as built, on a migrated database and one backend for the queues. */
export class JobStack {
  private readonly processes: TestProcess[] = [];

  private constructor(
    readonly sql: pg.Pool,
    readonly redis: RedisServer | undefined,
    private readonly environment: Record<string, string>,
    private readonly database: TestDatabase | undefined,
  ) {}

  apiUrl = '';

  /**
   * @param primaryUrl of an empty database; one of the shared cluster is made when there is none given.
   * @param variables of both processes, beside what they need.
   */
  static async start(backend: Backend, primaryUrl?: string, variables: Record<string, string> = {}): Promise<JobStack> {
    const database = primaryUrl === undefined ? await createTestDatabase() : undefined;
    const url = primaryUrl ?? database?.primaryUrl ?? '';
    await runMigrations(url);
    await runQueueMigrations(url);
    const redis = backend === 'redis' ? await RedisServer.start() : undefined;
    const sql = new pg.Pool({ connectionString: url, max: 4 });
    sql.on('error', () => undefined);
    const environment = {
      DATABASE_URL: url,
      NODE_ENV: 'test',
      JWT_SECRET: 'only-for-this-test-run-0123456789abcdef',
      PORT: '0',
      HEALTH_PORT: '0',
      ...(redis ? { REDIS_URL: redis.url } : {}),
      ...variables,
    };
    const stack = new JobStack(sql, redis, environment, database);
    stack.apiUrl = (await stack.launch('api', /"address":"([^"]+)".*"API listens"/)).url;
    await waitForHttp(`${stack.apiUrl}/health/ready`);
    return stack;
  }

  /** Resolves once the worker is ready and fetches jobs. */
  async startWorker(): Promise<RunningWorker> {
    const worker = await this.launchWorker();
    await waitForHttp(`${worker.url}/health/ready`);
    await worker.process.waitForOutput(/"fetching jobs"/);
    return worker;
  }

  /** Resolves once the worker's probes answer, whatever they say. */
  launchWorker(): Promise<RunningWorker> {
    return this.launch('worker', WORKER_ADDRESS);
  }

  /** A worker as the local stack starts it: the child of a process that holds an IPC channel to it. */
  async startWorkerOfParent(): Promise<{ parent: TestProcess; url: string }> {
    const script = `require('node:child_process').fork('${WORKER}', { stdio: 'inherit' })`;
    const parent = startProcess('-e', { arguments: [script], environment: this.environment });
    this.processes.push(parent);
    const url = (await parent.waitForOutput(WORKER_ADDRESS))[1] ?? '';
    await parent.waitForOutput(/"fetching jobs"/);
    return { parent, url };
  }

  register(username: string): Promise<JobClient> {
    return JobClient.register(this.apiUrl, username);
  }

  /** What each process has written so far. */
  outputs(): string[] {
    return this.processes.map((process) => process.output());
  }

  async organizationOf({ username }: JobClient): Promise<number> {
    const { rows } = await this.sql.query('SELECT organization_id FROM users WHERE username = $1', [username]);
    return rows[0].organization_id;
  }

  /** Makes the database count how often a day was stored, in transactions that committed. */
  async countEffects(): Promise<void> {
    await this.sql.query(`CREATE TABLE effects (organization_id int, date date);
      CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO effects VALUES (NEW.organization_id, NEW.date); RETURN NULL; END $$;
      CREATE TRIGGER note_effect AFTER INSERT OR UPDATE ON daily_aggregates
        FOR EACH ROW EXECUTE FUNCTION note_effect()`);
  }

  async effects(date: string): Promise<number> {
    const { rows } = await this.sql.query('SELECT count(*)::int AS count FROM effects WHERE date = $1', [date]);
    return rows[0].count;
  }

  /** Puts aggregates of different days into the table, past the API, so many for each queue. */
  async plantAggregates(organizationId: number, counts: Record<string, number>): Promise<void> {
    await this.sql.query(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
       SELECT $1, 'aggregate', queue, 3,
         jsonb_build_object('organization_id', $1::int, 'date', date '2000-01-01' + (row_number() OVER ())::int)
       FROM jsonb_each_text($2) AS counts (queue, count), generate_series(1, count::int)`,
      [organizationId, JSON.stringify(counts)],
    );
  }

  /** Resolves when no job waits, runs or is delayed. */
  untilAllEnded(limitMs = 60_000): Promise<void> {
    return eventually(async () => {
      const { rows } = await this.sql.query(
        `SELECT count(*)::int AS count FROM jobs WHERE state IN ('waiting', 'delayed', 'active')`,
      );
      if (rows[0].count > 0) throw new Error(`${rows[0].count} jobs have not ended`);
    }, limitMs);
  }

  /** Keeps every aggregate from being computed until the returned function is called. */
  async holdAggregates(): Promise<() => Promise<void>> {
    const client = await this.sql.connect();
    client.on('error', () => undefined);
    await client.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
    return async () => {
      await client.query('COMMIT').finally(() => client.release(true));
    };
  }

  async stop(): Promise<void> {
    // Whatever fails to end, the rest is put away all the same.
    const ended = await Promise.allSettled(this.processes.map((process) => process.stop()));
    await this.redis?.remove();
    await this.sql.end();
    await this.database?.drop();
    const failure = ended.find((outcome) => outcome.status === 'rejected');
    if (failure) throw failure.reason;
  }

  private async launch(app: 'api' | 'worker', address: RegExp): Promise<RunningWorker> {
    const process = startProcess(entryPoint(app), { environment: this.environment });
    this.processes.push(process);
    return { process, url: (await process.waitForOutput(address))[1] ?? '' };
  }
}
