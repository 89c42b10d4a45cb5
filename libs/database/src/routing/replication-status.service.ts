import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import { DatabaseMetrics } from '../database.metrics.js';
import { formatLsn } from '../positions/lsn.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import type { FollowerState } from './follower-state.js';
import type { FollowerSupervisor, FollowerTransition } from './follower-supervisor.js';
import { Followers } from './followers.service.js';
import { causeInWords } from './transition-causes.js';

export interface FollowerReport {
  name: string;
  state: FollowerState;
  /** An upper bound; null where none is known. */
  staleness_ms: number | null;
  replay_lag_bytes: number | null;
  lsn: string | null;
  pool: { max: number; used: number; waiting: number };
  /** When it came into its state. */
  since: string;
}

/** What this process knows of its databases, for operators. Positions are PostgreSQL's `X/Y`, times RFC 3339. */
export interface ReplicationReport {
  primary: { state: 'up' | 'down'; system_id: string | null; timeline: number | null; lsn: string | null };
  followers: FollowerReport[];
  pools: { name: string; max: number; used: number; idle: number; waiting: number }[];
  /** Since the process started. */
  routes: { target: string; reason: string; count: number }[];
  /** Newest first, at most 100; the cause in words. */
  transitions: { at: string; follower: string; from: FollowerState; to: FollowerState; cause: string }[];
  /** Oldest first: one a second and follower, of the last ten minutes. */
  history: { at: string; follower: string; staleness_ms: number | null }[];
}

const TRANSITIONS_KEPT = 100;
const HISTORY_EVERY_MS = 1_000;
const HISTORY_KEPT_MS = 600_000;

/** States, positions and recent changes of the databases as this process sees them; asks no server anything. */
@Injectable()
export class ReplicationStatus implements OnModuleInit, OnApplicationShutdown {
  private readonly transitions: ReplicationReport['transitions'] = [];
  private readonly history: { time: number; follower: string; staleness_ms: number | null }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly primary: PrimaryMonitor,
    private readonly log: PrimaryLog,
    private readonly followers: Followers,
    private readonly pools: DatabasePools,
    private readonly metrics: DatabaseMetrics,
  ) {
    this.followers.whenChanged((transition) => this.remember(transition));
    const { followerStaleness, followerLag } = metrics;
    Object.assign(followerStaleness, { collect: () => this.showStaleness(followerStaleness) });
    Object.assign(followerLag, { collect: () => this.showLag(followerLag) });
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.sample(), HISTORY_EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async report(): Promise<ReplicationReport> {
    const { identity, lsn } = this.log;
    return {
      primary: {
        state: this.primary.state === 'up' ? 'up' : 'down',
        system_id: identity?.systemId ?? null,
        timeline: identity?.timeline ?? null,
        lsn: lsn === undefined ? null : formatLsn(lsn),
      },
      followers: this.followers.all.map((follower) => this.reportOf(follower)),
      pools: this.pools.all.map(({ name, usage }) => ({ name, ...usage })),
      routes: await this.metrics.routeCounts(),
      transitions: [...this.transitions],
      history: this.history.map(({ time, ...rest }) => ({ at: timeText(new Date(time)), ...rest })),
    };
  }

  private reportOf(follower: FollowerSupervisor): FollowerReport {
    const { max, used, waiting } = follower.pool.usage;
    const { lsn } = follower;
    return {
      name: follower.name,
      state: follower.state,
      staleness_ms: stalenessMsOf(follower),
      replay_lag_bytes: this.lagOf(follower) ?? null,
      lsn: lsn === undefined ? null : formatLsn(lsn),
      pool: { max, used, waiting },
      since: timeText(follower.since),
    };
  }

  private lagOf({ lsn }: FollowerSupervisor): number | undefined {
    if (lsn === undefined || this.log.lsn === undefined) return undefined;
    return Math.max(0, Number(this.log.lsn - lsn));
  }

  private remember({ cause, ...transition }: FollowerTransition): void {
    this.transitions.unshift({ at: timeText(new Date()), ...transition, cause: causeInWords(cause) });
    this.transitions.splice(TRANSITIONS_KEPT);
  }

  private sample(): void {
    const time = Date.now();
    for (const follower of this.followers.all) {
      this.history.push({ time, follower: follower.name, staleness_ms: stalenessMsOf(follower) });
    }
    const firstKept = this.history.findIndex((one) => one.time > time - HISTORY_KEPT_MS);
    this.history.splice(0, Math.max(0, firstKept));
  }

  private showStaleness(gauge: Gauge): void {
    gauge.reset();
    for (const follower of this.followers.all) {
      const bound = stalenessMsOf(follower);
      if (bound !== null) gauge.set({ follower: follower.name }, bound / 1000);
    }
  }

  private showLag(gauge: Gauge): void {
    gauge.reset();
    for (const follower of this.followers.all) {
      const lag = this.lagOf(follower);
      if (lag !== undefined) gauge.set({ follower: follower.name }, lag);
    }
  }
}

function stalenessMsOf({ containsUntil }: FollowerSupervisor): number | null {
  return containsUntil === undefined ? null : Math.ceil(performance.now() - containsUntil);
}

/** With the six digits that every time of the API has. */
function timeText(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
