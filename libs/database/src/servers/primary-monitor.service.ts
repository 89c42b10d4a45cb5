import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { connectionSettings } from './connection-settings.js';
import { primaryUnavailable } from './database-errors.js';
import { DatabasePools } from './database-pools.service.js';
import { PrimaryLog } from './primary-log.service.js';
import { ServerProbe, type ServerSighting } from './server-probe.js';
import { ServerWatch, type Verdict } from './server-watch.js';

/** `connecting`: never reached since the start. */
export type PrimaryState = 'connecting' | 'up' | 'down';

/** A primary that hangs is given up after this many missed probes; one that refuses connections at once. */
const MISSES_TO_GIVE_UP = 3;
const FORCED_LOOK_EVERY_MS = 25;
/** After a miss the next look comes sooner, so that a primary that hangs is known to within two seconds. */
const PAUSE_FACTOR_AFTER_MISS = 0.4;

/**
 * Looks at the primary all the time, so that callers are refused at once while it is away instead of each waiting for
 * a time-out, and are served again as soon as it is back. Each look also notes how far the primary's log has got.
 */
@Injectable()
export class PrimaryMonitor implements OnModuleInit, OnApplicationShutdown {
  state: PrimaryState = 'connecting';
  private misses = 0;
  private missedSince = 0;
  private readonly probe: ServerProbe;
  private lookTimer: NodeJS.Timeout | undefined;
  private lookedAt = 0;
  private readonly watch: ServerWatch;
  /** Milliseconds for signing in: patient with one that comes up, quick to notice that one hangs. */
  private readonly limits: { up: number; otherwise: number };
  private readonly onUp: (() => Promise<void>)[] = [];
  private readonly onReplaced: (() => Promise<void>)[] = [];
  private readonly onSample = new Set<(askedAt: number) => void>();

  constructor(
    @Inject(Configuration) { database }: Configuration,
    private readonly pools: DatabasePools,
    private readonly log: PrimaryLog,
    private readonly metrics: DatabaseMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { probeIntervalMs, probeTimeoutMs, probeBlockedLimitMs, primaryUrl } = database;
    this.limits = { up: probeTimeoutMs, otherwise: database.primaryConnectTimeoutMs };
    const config = connectionSettings(primaryUrl, {
      applicationName: 'tandem-probe',
      connectTimeoutMs: probeTimeoutMs,
      statementTimeoutMs: probeTimeoutMs,
      readOnly: true,
    });
    this.probe = new ServerProbe(config, probeTimeoutMs);
    this.probe.signInLimitMs = this.limits.otherwise;
    this.watch = new ServerWatch(
      this.probe,
      { intervalMs: probeIntervalMs, blockedLimitMs: probeBlockedLimitMs },
      (verdict) => this.take(verdict),
      () => this.metrics.probeDiscarded.inc(),
    );
    metrics.primaryUp.set(0);
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.lookTimer);
    this.watch.stop();
  }

  /** Calls `listener` each time the primary is reached anew, the first time included. */
  whenUp(listener: () => Promise<void>): void {
    this.onUp.push(listener);
    if (this.state === 'up') void listener();
  }

  /** Calls `listener` each time a server of another history has taken the primary's place. */
  whenReplaced(listener: () => Promise<void>): void {
    this.onReplaced.push(listener);
  }

  /** Calls `listener` after each look that found the primary, some four times a second. */
  whenSampled(listener: (askedAt: number) => void): void {
    this.onSample.add(listener);
  }

  /**
   * Looks at once, and resolves after a look that was begun after `time` (`performance.now()`) and found the primary;
   * with false where there was none within `limitMs`.
   */
  sampledAfter(time: number, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isSampled: boolean): void => {
        clearTimeout(timer);
        this.onSample.delete(listener);
        resolve(isSampled);
      };
      const listener = (askedAt: number): void => {
        if (askedAt >= time) settle(true);
        // This look was under way before; the next one begins with the pause that follows it.
        else this.lookSoon();
      };
      const timer = setTimeout(() => settle(false), limitMs);
      this.onSample.add(listener);
      this.lookSoon();
    });
  }

  /** However many ask for it, no more than one look in 25 ms is added to the regular ones. */
  private lookSoon(): void {
    if (this.lookTimer !== undefined) return;
    const pauseMs = Math.max(0, FORCED_LOOK_EVERY_MS - (performance.now() - this.lookedAt));
    this.lookTimer = setTimeout(() => {
      this.lookTimer = undefined;
      this.lookedAt = performance.now();
      this.watch.hurry();
    }, pauseMs);
    this.lookTimer.unref();
  }

  /** @throws DomainError `primary_unavailable` while the primary is known to be away. */
  assertReachable(): void {
    if (this.state !== 'up') throw primaryUnavailable();
  }

  private take(verdict: Verdict): void {
    if (verdict.kind === 'seen' && !verdict.sighting.isInRecovery) this.takeSighting(verdict.sighting);
    else this.takeMiss(verdict);
  }

  private takeMiss(verdict: Verdict): void {
    this.misses += 1;
    if (this.misses === 1) this.missedSince = performance.now();
    this.watch.slowDown(this.state === 'up' ? PAUSE_FACTOR_AFTER_MISS : 1);
    const isReadOnly = verdict.kind === 'seen';
    const cause = isReadOnly ? 'the server is read-only: a follower or in recovery' : verdict.detail;
    const isSilent = this.misses >= MISSES_TO_GIVE_UP && !this.hasAnsweredSince(this.missedSince);
    const isGone = isReadOnly || verdict.cause === 'refused' || isSilent;
    if (this.state === 'connecting' && this.misses === 1) this.logger.warn({ cause }, 'primary not reachable yet');
    if (this.state === 'up' && isGone) this.becomeDown(cause);
    // Callers that were queued when it was given up have opened new connections since.
    else if (this.state === 'down') this.destroySockets();
  }

  /** One that is merely busy misses looks and still answers others: reads, writes. */
  private hasAnsweredSince(time: number): boolean {
    return this.pools.ofPrimary.some(({ answeredAt }) => answeredAt > time);
  }

  private takeSighting(sighting: ServerSighting): void {
    this.misses = 0;
    this.watch.slowDown(1);
    // Connections from before lead to a server that is the primary no more.
    const isReplaced = this.log.noteSighting(sighting);
    if (isReplaced) this.destroySockets();
    if (isReplaced) for (const listener of this.onReplaced) void listener();
    if (this.state !== 'up') this.becomeUp();
    for (const listener of [...this.onSample]) listener(sighting.askedAt);
  }

  private becomeUp(): void {
    this.logger.info('primary reached');
    this.state = 'up';
    this.probe.signInLimitMs = this.limits.up;
    this.metrics.primaryUp.set(1);
    void this.tellListeners();
  }

  /** One after the other: readiness asks what the one before has initialized. */
  private async tellListeners(): Promise<void> {
    for (const listener of this.onUp) await listener();
  }

  private becomeDown(cause: string): void {
    this.logger.error({ cause }, 'primary lost');
    this.state = 'down';
    this.probe.signInLimitMs = this.limits.otherwise;
    this.metrics.primaryUp.set(0);
    this.log.primaryLost();
    this.destroySockets();
  }

  private destroySockets(): void {
    for (const pool of this.pools.ofPrimary) pool.destroySockets();
  }
}
