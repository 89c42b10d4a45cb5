import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { connectionSettings } from '../servers/connection-settings.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import type { FollowerPool } from '../servers/follower-pool.js';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { ServerProbe } from '../servers/server-probe.js';
import { ServerWatch } from '../servers/server-watch.js';
import { FollowerSupervisor, type FollowerTransition } from './follower-supervisor.js';

/** Who is told what the supervisors find. */
export interface FollowerListeners {
  onTransition(transition: FollowerTransition, supervisor: FollowerSupervisor): void;
  /** After each look at a follower, whatever it found. */
  onLook(): void;
}

/** Makes a supervisor with a watch of its own for each follower of ANALYTICS_DB_URL; counts and logs what they find. */
@Injectable()
export class FollowerFactory {
  constructor(
    @Inject(Configuration) private readonly configuration: Configuration,
    private readonly pools: DatabasePools,
    private readonly log: PrimaryLog,
    private readonly metrics: DatabaseMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  makeAll(listeners: FollowerListeners): FollowerSupervisor[] {
    if (this.pools.followers.length === 0) this.logger.info('ANALYTICS_DB_URL is not set: analytics use the primary');
    return this.pools.followers.map((pool) => this.make(pool, listeners));
  }

  private make(pool: FollowerPool, listeners: FollowerListeners): FollowerSupervisor {
    const { database } = this.configuration;
    const supervisor: FollowerSupervisor = new FollowerSupervisor(
      pool,
      this.log,
      {
        probeIntervalMs: database.probeIntervalMs,
        goodProbesToReturn: database.followerGoodProbes,
        rampMs: database.followerRampMs,
        backoffMaxMs: database.followerBackoffMaxMs,
      },
      (transition) => {
        this.tell(transition, supervisor);
        listeners.onTransition(transition, supervisor);
      },
      this.logger,
    );
    supervisor.watch = this.watch(pool, supervisor, listeners);
    this.metrics.showFollowerState(supervisor.name, supervisor.state);
    return supervisor;
  }

  private watch(pool: FollowerPool, supervisor: FollowerSupervisor, listeners: FollowerListeners): ServerWatch {
    const { probeIntervalMs, probeTimeoutMs, probeBlockedLimitMs } = this.configuration.database;
    const settings = connectionSettings(pool.url, {
      applicationName: 'tandem-probe',
      connectTimeoutMs: probeTimeoutMs,
      statementTimeoutMs: probeTimeoutMs,
      readOnly: true,
    });
    return new ServerWatch(
      new ServerProbe(settings, probeTimeoutMs),
      { intervalMs: probeIntervalMs, blockedLimitMs: probeBlockedLimitMs },
      (verdict) => {
        this.metrics.followerProbe.observe({ follower: pool.name }, verdict.seconds);
        supervisor.take(verdict);
        listeners.onLook();
      },
      () => this.metrics.probeDiscarded.inc(),
    );
  }

  private tell(transition: FollowerTransition, supervisor: FollowerSupervisor): void {
    this.metrics.countTransition(transition);
    const line = { ...transition };
    if (supervisor.isServing) this.logger.info(line, 'follower serves reads');
    else this.logger.warn(line, 'follower is left out, reads use the primary');
  }
}
