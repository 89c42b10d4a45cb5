import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { connectionSettings } from './connection-settings.js';
import { primaryUnavailable } from './database-errors.js';
import { DatabasePools } from './database-pools.service.js';
import { ServerProbe } from './server-probe.js';
import { ServerWatch, type Verdict } from './server-watch.js';

/** `connecting`: never reached since the start. */
export type PrimaryState = 'connecting' | 'up' | 'down';

const BLOCKED_LIMIT_MS = 200;
/** A primary that hangs is given up after this many missed probes; one that refuses connections at once. */
const MISSES_TO_GIVE_UP = 3;

/**
 * Looks at the primary all the time, so that callers are refused at once while it is away instead of each waiting for
 * a time-out, and are served again as soon as it is back.
 */
@Injectable()
export class PrimaryMonitor implements OnModuleInit, OnApplicationShutdown {
  state: PrimaryState = 'connecting';
  systemIdentifier: string | undefined;
  private misses = 0;
  private readonly watch: ServerWatch;
  private readonly onUp: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Configuration) { database }: Configuration,
    private readonly pools: DatabasePools,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { probeIntervalMs, probeTimeoutMs, primaryUrl } = database;
    const config = connectionSettings(primaryUrl, {
      applicationName: 'tandem-probe',
      connectTimeoutMs: probeTimeoutMs,
      statementTimeoutMs: probeTimeoutMs,
      readOnly: true,
    });
    this.watch = new ServerWatch(
      new ServerProbe(config, probeTimeoutMs),
      { intervalMs: probeIntervalMs, blockedLimitMs: BLOCKED_LIMIT_MS },
      (verdict) => this.take(verdict),
    );
  }

  onModuleInit(): void {
    this.watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }

  /** Calls `listener` each time the primary is reached anew, the first time included. */
  whenUp(listener: () => Promise<void>): void {
    this.onUp.push(listener);
    if (this.state === 'up') void listener();
  }

  /** @throws DomainError `primary_unavailable` while the primary is known to be away. */
  assertReachable(): void {
    if (this.state !== 'up') throw primaryUnavailable();
  }

  private take(verdict: Verdict): void {
    const isUsable = verdict.kind === 'seen' && !verdict.sighting.isInRecovery;
    if (isUsable) {
      this.misses = 0;
      this.systemIdentifier = verdict.sighting.systemIdentifier;
      if (this.state !== 'up') this.becomeUp();
      return;
    }
    this.misses += 1;
    const cause = verdict.kind === 'missed' ? verdict.cause : 'the server is read-only: a follower or in recovery';
    const isGone = verdict.kind === 'seen' || verdict.isRefused || this.misses >= MISSES_TO_GIVE_UP;
    if (this.state === 'connecting' && this.misses === 1) this.logger.warn({ cause }, 'primary not reachable yet');
    if (this.state === 'up' && isGone) this.becomeDown(cause);
  }

  private becomeUp(): void {
    this.logger.info('primary reached');
    this.state = 'up';
    void this.tellListeners();
  }

  /** One after the other: readiness asks what the one before has initialized. */
  private async tellListeners(): Promise<void> {
    for (const listener of this.onUp) await listener();
  }

  private becomeDown(cause: string): void {
    this.logger.error({ cause }, 'primary lost');
    this.state = 'down';
    for (const pool of [this.pools.primary, this.pools.streams, this.pools.fallback]) pool.destroySockets();
  }
}
