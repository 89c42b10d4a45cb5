import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedFollower, type EmbeddedServer, findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { startThrowAwayCluster, type ThrowAwayCluster } from '../../test/support/throw-away-cluster.js';
import { ServerProcess } from './server-process.js';

const COMMANDS = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));
/** As an installation has it, unlike in tests: what is committed is on the disk. */
const DURABLE = { fsync: true, full_page_writes: true, shared_buffers: '256MB', io_method: 'worker' };
const ADMIN_PASSWORD = 'the bench signs in with this';

/** The databases and everything that is started on them, in a temporary directory that goes away at the end. */
export class BenchStack {
  private readonly processes: ServerProcess[] = [];
  private readonly secret = randomBytes(32).toString('hex');

  private constructor(private readonly databases: ThrowAwayCluster) {}

  /** Starts a primary and a follower with the schema and, for the user `admin`, as many customers as given. */
  static async start(customers: number, accountsPerCustomer = 1): Promise<BenchStack> {
    const stack = new BenchStack(await startThrowAwayCluster(1, DURABLE));
    try {
      await stack.command('migrate');
      await stack.command('seed', {
        SEED_CUSTOMERS: String(customers),
        SEED_ACCOUNTS_PER_CUSTOMER: String(accountsPerCustomer),
      });
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  readonly admin = { username: 'admin', password: ADMIN_PASSWORD };

  get primaryUrl(): string {
    return this.databases.cluster.primary.url;
  }

  get follower(): EmbeddedFollower {
    const [follower] = this.databases.cluster.followers;
    if (follower === undefined) throw new Error('The stack was started without a follower');
    return follower;
  }

  get followerUrl(): string {
    return this.follower.url;
  }

  /** Primary and follower. */
  get servers(): EmbeddedServer[] {
    return [this.databases.cluster.primary, ...this.databases.cluster.followers];
  }

  /** Of every process of Tandem. */
  get environment(): Record<string, string> {
    return {
      NODE_ENV: 'production',
      DATABASE_URL: this.primaryUrl,
      ANALYTICS_DB_URL: this.followerUrl,
      JWT_SECRET: this.secret,
    };
  }

  get directory(): string {
    return this.databases.cluster.directory;
  }

  /** The API as it is shipped, with its own port; `environment` comes before the stack's own. */
  async startApi(environment: Record<string, string> = {}): Promise<ServerProcess> {
    return this.startServer('apps/api/src/main.js', 'PORT', '/health/ready', environment);
  }

  async startWorker(environment: Record<string, string> = {}): Promise<ServerProcess> {
    return this.startServer('apps/worker/src/main.js', 'HEALTH_PORT', '/health/ready', environment);
  }

  /** One of the bench's own rivals, on the same database. */
  async startRival(name: string): Promise<ServerProcess> {
    return this.startServer(`bench/rivals/${name}.js`, 'PORT', '/health');
  }

  /**
   * Does the database's housekeeping now, so that it does not begin in the middle of a round: a worker adds to the totals of
   * analytics what was written, and is stopped again.
   */
  async settle(): Promise<void> {
    const worker = await this.startWorker();
    const client = new pg.Client({ connectionString: this.primaryUrl });
    await client.connect();
    try {
      while ((await client.query('SELECT FROM rollup_deltas LIMIT 1')).rowCount !== 0) await sleep(100);
      await worker.stop();
      await client.query('VACUUM (ANALYZE) customers, accounts');
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((server) => server.stop()));
    await this.databases.remove();
  }

  private async startServer(
    entryPoint: string,
    portVariable: string,
    readyPath: string,
    environment: Record<string, string> = {},
  ): Promise<ServerProcess> {
    const port = await findFreePort();
    const server = await ServerProcess.start({
      entryPoint,
      environment: { ...this.environment, ...environment, [portVariable]: String(port) },
      logFile: join(this.directory, `${entryPoint.replaceAll('/', '-')}.log`),
      url: `http://127.0.0.1:${port}`,
      readyPath,
    });
    this.processes.push(server);
    return server;
  }

  private async command(name: 'migrate' | 'seed', variables: Record<string, string> = {}): Promise<void> {
    await promisify(execFile)(process.execPath, [COMMANDS, name], {
      env: {
        ...process.env,
        ...this.environment,
        SEED_PERFORMANCE_DATA: 'true',
        SEED_ADMIN_PASSWORD: ADMIN_PASSWORD,
        ...variables,
      },
    });
  }
}
