import { Configuration, type DatabaseConfiguration } from '@app/config';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { connectionSettings } from './connection-settings.js';
import { assertFollowerOf, FollowerPool } from './follower-pool.js';
import { CHECKOUT_METRIC_PROVIDERS, PoolCheckouts } from './pool-checkouts.js';
import { FOLLOWER_POSITION, PRIMARY_POSITION } from './position.sql.js';
import { PrimaryLog } from './primary-log.service.js';
import { ServerPool } from './server-pool.js';
import type { SqlSession } from './statement.js';

export const POOL_METRIC_PROVIDERS = [
  ...CHECKOUT_METRIC_PROVIDERS,
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
 * Every connection that this process has to the databases, by purpose: the primary's writes and transactions, its reads,
 * its streams, its fallback for what a follower should have answered, and for each follower one pool for statements and one
 * for streams. All but the first are read-only sessions. Opening a pool connects to nothing yet.
 */
@Injectable()
export class DatabasePools implements OnApplicationShutdown {
  readonly primary: ServerPool;
  readonly primaryRead: ServerPool;
  readonly streams: ServerPool;
  readonly fallback: ServerPool;
  readonly followers: FollowerPool[];

  constructor(
    @Inject(Configuration) configuration: Configuration,
    private readonly checkouts: PoolCheckouts,
    private readonly log: PrimaryLog,
    @InjectMetric('db_pool_connections') private readonly connections: Gauge,
    @InjectMetric('db_pool_waiting') private readonly waiting: Gauge,
  ) {
    const { database } = configuration;
    const { primaryPoolMax, streamPoolMax, fallbackPoolMax, fallbackWaitMs } = database;
    const connectTimeoutMs = database.primaryConnectTimeoutMs;
    this.primary = this.ofServer('primary', database, { readOnly: false, connectTimeoutMs }, primaryPoolMax);
    this.primaryRead = this.ofServer('primary-read', database, { readOnly: true, connectTimeoutMs }, primaryPoolMax);
    this.streams = this.ofServer('streams', database, { readOnly: true, connectTimeoutMs }, streamPoolMax);
    const patient = { readOnly: true, connectTimeoutMs: fallbackWaitMs };
    this.fallback = this.ofServer('fallback', database, patient, fallbackPoolMax);
    this.followers = database.followerUrls.map((url, index) => this.ofFollower(`follower-${index + 1}`, url, database));
    this.showUsageWhenScraped();
  }

  /** Those that lead to the primary. */
  get ofPrimary(): ServerPool[] {
    return [this.primary, this.primaryRead, this.streams, this.fallback];
  }

  get all(): ServerPool[] {
    return [...this.ofPrimary, ...this.followers.flatMap((follower) => [follower, follower.streams])];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.all.map((pool) => pool.end()));
  }

  private ofServer(
    name: string,
    { primaryUrl, statementTimeoutMs }: DatabaseConfiguration,
    { readOnly, connectTimeoutMs }: { readOnly: boolean; connectTimeoutMs: number },
    max: number,
  ): ServerPool {
    const isStream = name === 'streams';
    const applicationName = { primary: 'tandem', streams: 'tandem-stream', fallback: 'tandem-fallback' }[name];
    const settings = connectionSettings(primaryUrl, {
      applicationName: applicationName ?? 'tandem-read',
      connectTimeoutMs,
      statementTimeoutMs: isStream ? 0 : statementTimeoutMs,
      readOnly,
      // Five fallback reads are to be five processes on the primary, however large its tables.
      isParallel: name !== 'fallback',
    });
    const checkouts = this.checkouts.of(name);
    // COPY keeps a connection to itself, so nothing may be sent after it before it has ended.
    return new ServerPool(name, { ...settings, max, pipeline: !isStream, position: PRIMARY_POSITION, checkouts });
  }

  private ofFollower(name: string, url: string, database: DatabaseConfiguration): FollowerPool {
    const verifyServer = (session: SqlSession) => assertFollowerOf(session, this.log.identity, () => follower.replayed);
    const options = (poolName: string, isStream: boolean) => ({
      ...connectionSettings(url, {
        applicationName: isStream ? 'tandem-follower-stream' : 'tandem-follower',
        connectTimeoutMs: database.followerConnectTimeoutMs,
        statementTimeoutMs: isStream ? 0 : database.statementTimeoutMs,
        readOnly: true,
      }),
      max: isStream ? database.streamPoolMax : database.followerPoolMax,
      pipeline: !isStream,
      position: FOLLOWER_POSITION,
      checkouts: this.checkouts.of(poolName),
      verifyServer,
    });
    const streams = new ServerPool(`${name}-streams`, options(`${name}-streams`, true));
    const follower: FollowerPool = new FollowerPool(name, url, streams, options(name, false));
    return follower;
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
