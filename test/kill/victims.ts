import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedServer, findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { JWT_SECRET, migrate } from '../support/api-process.js';
import { startProcess, type TestProcess, waitForHttp } from '../support/processes.js';
import { signalServer } from '../support/server-signals.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';
import type { Backend } from '../worker/support/backends.js';
import { RedisServer } from '../worker/support/redis-server.js';

const START_LIMIT_MS = 60_000;

/** Something that is killed and comes back. */
export interface Victim {
  name: string;
  /** How often it is chosen, in relation to the others. */
  weight: number;
  kill(): Promise<void>;
  revive(): Promise<void>;
}

/** Everything that a deployment runs, each part of which can be killed. */
export interface Deployment {
  apiUrl: string;
  followerUrl: string;
  victims: Victim[];
  sql: pg.Pool;
  /** Resolves once all of it runs and is ready. */
  untilReady(): Promise<void>;
  close(): Promise<void>;
}

export async function deploy(backend: Backend): Promise<Deployment> {
  // Processes are killed and no machine loses its power, so nothing needs to be forced to the disk.
  const { cluster, remove } = await startThrowAwayCluster(1, { full_page_writes: true });
  const follower = cluster.followers[0] as EmbeddedServer;
  await migrate(cluster.primary.url);
  const redis = backend === 'redis' ? await RedisServer.start() : undefined;
  const apiPort = String(await findFreePort());
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    JWT_SECRET,
    DATABASE_URL: cluster.primary.url,
    ANALYTICS_DB_URL: follower.url,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    WEBHOOK_RETRY_PERMILLE: '1',
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  const api = new ProgramVictim('api', 2, { ...environment, PORT: apiPort });
  const workers = ['worker 1', 'worker 2'].map(
    (name) => new ProgramVictim(name, 3, { ...environment, HEALTH_PORT: '0' }),
  );
  const programs = [api, ...workers];
  for (const program of programs) await program.revive();
  const sql = new pg.Pool({ connectionString: cluster.primary.url, max: 4 });
  sql.on('error', () => undefined);
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  return {
    apiUrl,
    followerUrl: follower.url,
    victims: [
      ...programs,
      serverVictim(cluster.primary, 1),
      serverVictim(follower, 1),
      ...(redis === undefined ? [] : [redisVictim(redis)]),
    ],
    sql,
    untilReady: async () => {
      await waitForHttp(`${apiUrl}/health/ready`, 200, START_LIMIT_MS);
    },
    close: async () => {
      await Promise.allSettled(programs.map((program) => program.stop()));
      await redis?.remove();
      await sql.end();
      await remove();
    },
  };
}

/** A process of ours. */
class ProgramVictim implements Victim {
  private process: TestProcess | undefined;

  constructor(
    readonly name: string,
    readonly weight: number,
    private readonly environment: Record<string, string>,
  ) {}

  async kill(): Promise<void> {
    this.process?.child.kill('SIGKILL');
    await this.process?.exited();
  }

  async revive(): Promise<void> {
    const app = this.name.startsWith('worker') ? 'worker' : 'api';
    this.process = startProcess(`dist/apps/${app}/src/main.js`, { environment: this.environment });
  }

  async stop(): Promise<void> {
    await this.process?.stop();
  }
}

function serverVictim(server: EmbeddedServer, weight: number): Victim {
  return {
    name: server.name,
    weight,
    kill: async () => {
      await signalServer(server, 'SIGKILL');
      while (server.isRunning()) await sleep(20);
    },
    revive: () => server.start(),
  };
}

/** Keeps nothing: what it comes back with is what the table of jobs tells it again. */
function redisVictim(redis: RedisServer): Victim {
  return { name: 'redis', weight: 2, kill: () => redis.kill(), revive: () => redis.start() };
}
