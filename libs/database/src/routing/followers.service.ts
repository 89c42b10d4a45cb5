import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { connectionSettings } from '../servers/connection-settings.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { FollowerDataSource } from '../servers/follower-data-source.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { ServerProbe } from '../servers/server-probe.js';
import { ServerWatch } from '../servers/server-watch.js';
import type { FollowerState } from './follower-state.js';
import { FollowerSupervisor, type FollowerTransition } from './follower-supervisor.js';
import type { RouteReason } from './read-options.js';

const BLOCKED_LIMIT_MS = 200;

/** All followers of this process with their states; none where ANALYTICS_DB_URL is unset. */
@Injectable()
export class Followers implements OnModuleInit, OnApplicationShutdown {
  private readonly supervisors: FollowerSupervisor[];
  private next = 0;

  constructor(
    @Inject(Configuration) private readonly configuration: Configuration,
    private readonly pools: DatabasePools,
    private readonly primary: PrimaryMonitor,
    private readonly dataSource: FollowerDataSource,
    private readonly metrics: DatabaseMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.supervisors = this.pools.followers.map((pool) => this.supervise(pool));
  }

  onModuleInit(): void {
    if (this.supervisors.length === 0) this.logger.info('ANALYTICS_DB_URL is not set: analytics use the primary');
    for (const supervisor of this.supervisors) {
      this.metrics.showFollowerState(supervisor.name, supervisor.state);
      supervisor.watch?.start();
    }
  }

  onApplicationShutdown(): void {
    for (const supervisor of this.supervisors) supervisor.watch?.stop();
  }

  /** The follower that takes the next read, in turn among those that serve; undefined where none does. */
  pick(): FollowerSupervisor | undefined {
    const serving = this.supervisors.filter((supervisor) => supervisor.isServing);
    this.next = (this.next + 1) % Math.max(serving.length, 1);
    return serving[this.next];
  }

  /** The best state that any follower has: what operators and `/health` are told. */
  get state(): FollowerState {
    const order: FollowerState[] = ['healthy', 'suspect', 'role-changed', 'open', 'connecting'];
    return order.find((state) => this.supervisors.some((supervisor) => supervisor.state === state)) ?? 'absent';
  }

  get isServing(): boolean {
    return this.supervisors.some((supervisor) => supervisor.isServing);
  }

  /** Why no follower takes a read, for the route's reason. */
  get absenceReason(): RouteReason {
    if (this.state === 'open') return 'follower-open';
    return this.state === 'role-changed' ? 'follower-role-changed' : 'follower-absent';
  }

  private supervise(pool: DatabasePools['followers'][number]): FollowerSupervisor {
    const { probeIntervalMs, probeTimeoutMs } = this.configuration.database;
    const supervisor: FollowerSupervisor = new FollowerSupervisor(
      pool.name,
      pool,
      () => this.primary.systemIdentifier,
      (transition) => this.follow(transition, supervisor),
      this.logger,
    );
    const probe = new ServerProbe(
      connectionSettings(pool.url, {
        applicationName: 'tandem-probe',
        connectTimeoutMs: probeTimeoutMs,
        statementTimeoutMs: probeTimeoutMs,
        readOnly: true,
      }),
      probeTimeoutMs,
    );
    supervisor.watch = new ServerWatch(
      probe,
      { intervalMs: probeIntervalMs, blockedLimitMs: BLOCKED_LIMIT_MS },
      (verdict) => supervisor.take(verdict),
      () => this.metrics.probeDiscarded.inc(),
    );
    return supervisor;
  }

  private follow(transition: FollowerTransition, supervisor: FollowerSupervisor): void {
    this.metrics.countTransition(transition);
    const line = { follower: transition.follower, from: transition.from, to: transition.to, cause: transition.cause };
    if (supervisor.isServing) {
      this.logger.info(line, 'follower serves reads');
      void this.dataSource.followerSeen(supervisor.name);
    } else {
      this.logger.warn(line, 'follower is left out, reads use the primary');
    }
  }
}
