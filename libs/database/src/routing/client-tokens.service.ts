import { Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import type { WalPosition } from '../positions/consistency-token.js';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import type { RequestReads } from './request-reads.js';

/**
 * Decides what a client's token is worth. One of another history (a promotion began a new one) counts for nothing, and
 * the client is told so. One beyond the end of the primary's log can't have come from here: it is ignored and counted,
 * since waiting for it would never end.
 */
@Injectable()
export class ClientTokens {
  constructor(
    private readonly log: PrimaryLog,
    private readonly primary: PrimaryMonitor,
    private readonly metrics: DatabaseMetrics,
  ) {}

  /** Drops a token of another history. */
  settle(reads: RequestReads | undefined): void {
    if (reads?.token === undefined || this.log.isOfThisHistory(reads.token)) return;
    reads.token = undefined;
    reads.isReset = true;
    this.metrics.tokenChecks.inc({ result: 'reset' });
  }

  /** The position, where it can be compared with those of today; undefined otherwise. */
  ofThisHistory(position: WalPosition | undefined): WalPosition | undefined {
    return position !== undefined && this.log.isOfThisHistory(position) ? position : undefined;
  }

  /** Takes the position that a read on the primary told: a token beyond it is none of ours. */
  compare(reads: RequestReads, primary: WalPosition | undefined): void {
    if (reads.token === undefined || primary === undefined || reads.token.lsn <= primary.lsn) return;
    this.drop(reads);
  }

  /**
   * Drops a token that lies beyond the primary's log, for one that no follower has reached. What is known of the log is
   * up to 250 ms old, so the primary is looked at first, for `limitMs` at most; while it is away nothing is dropped.
   */
  async dropIfBeyond(reads: RequestReads, limitMs: number): Promise<void> {
    if (this.primary.state !== 'up' || !this.isAheadOfKnown(reads)) return;
    // One that was asked for after this moment holds every write that was acknowledged before it.
    const isSampled = await this.primary.sampledAfter(performance.now(), limitMs);
    // Where there was no look in time the token may be a second old and good: the primary's own answer will tell.
    if (isSampled && this.log.lsn !== undefined && this.isAheadOfKnown(reads)) this.drop(reads);
  }

  private isAheadOfKnown({ token }: RequestReads): boolean {
    return token !== undefined && (this.log.lsn === undefined || token.lsn > this.log.lsn);
  }

  private drop(reads: RequestReads): void {
    reads.token = undefined;
    this.metrics.tokenChecks.inc({ result: 'beyond-primary' });
  }
}
