import { Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { ClientTokens } from './client-tokens.service.js';
import type { RouteReason } from './read-options.js';
import type { ServedRead } from './request-reads.js';
import type { RoutedRead } from './routed-read.js';

/** Reasons that mean that no follower was fit to answer, where there should be one. */
const FOLLOWER_DOWN = new Set<RouteReason>(['follower-open', 'follower-role-changed', 'retry']);

/** What a follower's answer is worth; both times of `performance.now()`. */
interface FollowerAnswer {
  /** The moment whose state the follower held, where one is known. */
  asOf: number | undefined;
  /** When the answer was found fresh enough. */
  answeredAt: number;
  position: string | null;
}

/** Counts each answered read and shows it to its request: where it was answered, why, and what it has seen. */
@Injectable()
export class ReadRecord {
  constructor(
    private readonly log: PrimaryLog,
    private readonly primary: PrimaryMonitor,
    private readonly tokens: ClientTokens,
    private readonly metrics: DatabaseMetrics,
  ) {}

  fromPrimary(read: RoutedRead, reason: RouteReason, position: string | null): void {
    const seen = this.log.note(position);
    if (read.reads) this.tokens.compare(read.reads, seen);
    read.reads?.noteSeen(seen);
    const degraded = FOLLOWER_DOWN.has(reason) ? 'follower-down' : undefined;
    this.note(read, { target: 'primary', reason, answeredAt: performance.now(), degraded });
  }

  fromFollower(read: RoutedRead, { asOf, answeredAt, position }: FollowerAnswer): void {
    read.reads?.noteSeen(this.log.positionOf(position));
    if (asOf !== undefined) this.metrics.servedStaleness.observe((answeredAt - asOf) / 1000);
    const degraded = this.primary.state === 'up' ? undefined : 'primary-down';
    this.note(read, { target: 'follower', reason: 'ok', asOf: asOf ?? null, answeredAt, degraded });
  }

  /** Runs the second try of a read that failed on a follower, and counts how it went. */
  async retry<T>(cause: unknown, again: () => Promise<T>): Promise<T> {
    const code = (cause as { code?: string }).code ?? 'socket';
    try {
      const answer = await again();
      this.metrics.retries.inc({ code, outcome: 'answered' });
      return answer;
    } catch (error) {
      this.metrics.retries.inc({ code, outcome: 'failed' });
      throw error;
    }
  }

  private note(read: RoutedRead, served: Omit<ServedRead, 'waitMs' | 'databaseMs'>): void {
    this.metrics.countRoute(served.target, served.reason);
    read.reads?.noteServed({ ...served, waitMs: read.waitMs, databaseMs: read.databaseMs });
  }
}
