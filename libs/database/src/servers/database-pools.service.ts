import { Configuration } from '@app/config';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { connectionSettings } from './connection-settings.js';
import { ServerPool } from './server-pool.js';

/** A pool of connections to one follower. The name never holds the address: it is shown in metrics and logs. */
export class FollowerPool extends ServerPool {
  constructor(
    name: string,
    readonly url: string,
    config: ConstructorParameters<typeof ServerPool>[1],
  ) {
    super(name, config);
  }
}

export const POOL_METRIC_PROVIDERS = [
  makeGaugeProvider({
    name: 'db_pool_connections',
    help: 'Connections by pool and state (used, idle, max)',
    labelNames: ['pool', 'state'],
  }),
  makeGaugeProvider({
    name: 'db_pool_waiting',
    help: 'Callers waiting for a connection of the pool',
    labelNames: ['pool'],
  }),
];

/**
 * Every connection that this process has to the databases, by purpose: the primary's transactional work, its streams,
 * its fallback for analytics, and one pool for each follower. Opening one connects to nothing yet.
 */
@Injectable()
export class DatabasePools implements OnApplicationShutdown {
  readonly primary: ServerPool;
  readonly streams: ServerPool;
  readonly fallback: ServerPool;
  readonly followers: FollowerPool[];

  constructor(
    @Inject(Configuration) configuration: Configuration,
    @InjectMetric('db_pool_connections') private readonly connections: Gauge,
    @InjectMetric('db_pool_waiting') private readonly waiting: Gauge,
  ) {
    const { database } = configuration;
    const { primaryUrl, statementTimeoutMs, primaryConnectTimeoutMs: connectTimeoutMs } = database;
    const settings = (applicationName: string, readOnly: boolean, timeoutMs = statementTimeoutMs) =>
      connectionSettings(primaryUrl, { applicationName, connectTimeoutMs, statementTimeoutMs: timeoutMs, readOnly });
    this.primary = new ServerPool('primary', { ...settings('tandem', false), max: database.primaryPoolMax });
    this.streams = new ServerPool('streams', { ...settings('tandem-stream', true, 0), max: database.streamPoolMax });
    this.fallback = new ServerPool('fallback', {
      ...settings('tandem-fallback', true),
      max: database.fallbackPoolMax,
    });
    this.followers = database.followerUrls.map((url, index) => {
      const config = connectionSettings(url, {
        applicationName: 'tandem-follower',
        connectTimeoutMs: database.followerConnectTimeoutMs,
        statementTimeoutMs,
        readOnly: true,
      });
      return new FollowerPool(`follower-${index + 1}`, url, { ...config, max: database.followerPoolMax });
    });
    this.showUsageWhenScraped();
  }

  get all(): ServerPool[] {
    return [this.primary, this.streams, this.fallback, ...this.followers];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((pool) => pool.end()));
  }

  private showUsageWhenScraped(): void {
    const collect = (): void => {
      for (const { name, usage } of this.all) {
        this.connections.set({ pool: name, state: 'used' }, usage.used);
        this.connections.set({ pool: name, state: 'idle' }, usage.idle);
        this.connections.set({ pool: name, state: 'max' }, usage.max);
        this.waiting.set({ pool: name }, usage.waiting);
      }
    };
    Object.assign(this.connections, { collect });
  }
}
