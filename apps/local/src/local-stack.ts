import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedCluster, findFreePort, isPortFree, startCluster } from '@app/embedded-postgres';
import type { StackOptions } from '../launch/arguments.mjs';
import type { Progress } from '../launch/progress.mjs';
import { DataPreparation } from './data-preparation.js';
import type { RunRecord } from './run-record.js';
import { choosePort, reachableHost, serviceEnvironment } from './service-environment.js';
import type { StackDirectory } from './stack-directory.js';
import { StackError } from './stack-error.js';
import type { StackState } from './stack-state.js';
import { type StackAddresses, StateWatch } from './state-watch.js';
import { SupervisedService } from './supervised-service.js';

/** What a run is given. */
export interface StackContext {
  /** The checkout. */
  root: string;
  options: StackOptions;
  progress: Progress;
  /** Aborted when the stack is asked to stop. */
  signal: AbortSignal;
}

/** Everything has ended within this time of being asked to; ten seconds are promised. */
const STOP_LIMIT_MS = 8_500;
const SERVICES_LIMIT_MS = 4_500;
const STUCK_AFTER_MS = 6_000;

/** The running parts: databases, API and worker. */
export class LocalStack {
  private readonly stopping = new AbortController();
  private readonly signal: AbortSignal;
  private cluster: EmbeddedCluster | null = null;
  private services: Record<'api' | 'worker', SupervisedService> | null = null;
  private watch: StateWatch | null = null;

  constructor(
    private readonly context: StackContext,
    private readonly directory: StackDirectory,
    private readonly run: RunRecord,
  ) {
    this.signal = AbortSignal.any([context.signal, this.stopping.signal]);
  }

  /** Starts everything and resolves with the state once the API and the worker are ready. */
  async start(): Promise<StackState> {
    const { root, progress } = this.context;
    const port = await this.findPort();
    const { primaryUrl, followerUrls } = await this.startDatabases();
    const healthPort = Number(process.env.HEALTH_PORT) || (await findFreePort(undefined, [port]));
    const environment = serviceEnvironment(
      process.env,
      { primaryUrl, followerUrls, port, healthPort },
      this.directory.signingSecret(),
    );
    const host = reachableHost(environment.HOST);
    const addresses = {
      api_url: `http://${host}:${port}`,
      worker_url: `http://${host}:${healthPort}`,
      primary_url: primaryUrl,
      follower_urls: followerUrls,
    };
    const data = new DataPreparation({
      root,
      directory: this.directory,
      progress,
      signal: this.signal,
      onStart: (child) => this.run.watch(child),
      environment,
      isOwnDatabase: this.cluster !== null,
    });
    const wasMigrated = data.isMigrated;
    if (!wasMigrated) await data.migrate();
    const starting = progress.step('Starting the API and the worker', () => this.startServices(environment, addresses));
    await Promise.all([starting, wasMigrated ? this.migrateIfStuck(starting, data) : undefined, data.seed()]);
    this.watch = new StateWatch(
      this.directory,
      { addresses, cluster: this.cluster, services: () => this.identities() },
      progress.say,
    );
    return this.watch.start();
  }

  /** Stops everything, the services first. Always ends within ten seconds, also in the middle of a start. */
  async stop(): Promise<void> {
    const deadline = performance.now() + STOP_LIMIT_MS;
    this.stopping.abort();
    this.run.markStopping();
    this.watch?.stop();
    await Promise.all(Object.values(this.services ?? {}).map((service) => service.stop(SERVICES_LIMIT_MS)));
    await this.cluster?.stop(deadline - performance.now());
  }

  private async findPort(): Promise<number> {
    const { options, progress } = this.context;
    const port = await choosePort(options, (candidate) => isPortFree(candidate, process.env.HOST || '127.0.0.1'));
    if (port === null) throw new StackError(`Port ${options.port} is taken. Choose another with --port.`);
    if (port !== options.port) progress.say(`Port ${options.port} is taken; using ${port}.`);
    return port;
  }

  /** Starts the embedded databases, or takes those that the environment names. */
  private async startDatabases(): Promise<{ primaryUrl: string; followerUrls: string[] }> {
    const { DATABASE_URL: primaryUrl, ANALYTICS_DB_URL: followers = '' } = process.env;
    if (primaryUrl) return { primaryUrl, followerUrls: followers.split(',').filter(Boolean) };
    const { options, progress } = this.context;
    const cluster = await progress.step('Starting PostgreSQL', () =>
      startCluster({
        directory: this.directory.databases,
        followers: options.followers,
        log: progress.say,
        signal: this.signal,
      }),
    );
    this.cluster = cluster;
    return { primaryUrl: cluster.primary.url, followerUrls: cluster.followers.map(({ url }) => url) };
  }

  private async startServices(environment: NodeJS.ProcessEnv, addresses: StackAddresses): Promise<void> {
    const { progress, root } = this.context;
    const create = (name: 'api' | 'worker', title: string, url: string) =>
      new SupervisedService({
        title,
        entryPoint: join(root, `dist/apps/${name}/src/main.js`),
        environment,
        log: this.directory.startLog(name),
        readyUrl: `${url}/health/ready`,
        say: progress.say,
        onStart: (child) => this.run.watch(child),
      });
    this.services = {
      api: create('api', 'API', addresses.api_url),
      worker: create('worker', 'worker', addresses.worker_url),
    };
    const services = Object.values(this.services);
    for (const service of services) service.start();
    await Promise.all(services.map((service) => service.untilReady(this.signal)));
  }

  /** Services that do not get ready on a schema that was right last time: somebody has changed it since. */
  private async migrateIfStuck(starting: Promise<void>, data: DataPreparation): Promise<void> {
    const pause = sleep(STUCK_AFTER_MS, 'stuck', { signal: this.signal, ref: false });
    if ((await Promise.race([starting, pause])) === 'stuck') await data.migrate();
  }

  private identities() {
    return { api: this.services?.api.identity ?? null, worker: this.services?.worker.identity ?? null };
  }
}
