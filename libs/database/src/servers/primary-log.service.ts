import { Injectable } from '@nestjs/common';
import { isSameHistory, type WalPosition } from '../positions/consistency-token.js';
import { type Lsn, lastRecordEnd, parseLsn } from '../positions/lsn.js';
import { StalenessRing } from '../positions/staleness-ring.js';
import type { ServerIdentity, ServerSighting } from './server-probe.js';

/**
 * What this process knows of the primary's write-ahead log: whose log it is, how far it has got, and when it was where
 * (the ring from which followers' staleness is told). Written by the monitor's looks and by every write.
 */
@Injectable()
export class PrimaryLog {
  /** Undefined until the primary was seen; kept while it is away. */
  identity: ServerIdentity | undefined;
  /** The furthest position known; undefined while the primary is away, since a crash may take back what nobody saw. */
  lsn: Lsn | undefined;
  private readonly ring = new StalenessRing();
  private lastSampled: Lsn = 0n;
  private segmentSize = 16_777_216;
  private latest: { text: string; position: WalPosition } | undefined;

  /** @returns whether another history has taken the place of the one that was known. */
  noteSighting({ systemId, timeline, lsn, askedAt, segmentSize }: ServerSighting): boolean {
    const before = this.identity;
    const isOther = before?.systemId !== systemId || before.timeline !== timeline;
    if (isOther) {
      this.identity = { systemId, timeline };
      this.latest = undefined;
    }
    this.segmentSize = segmentSize;
    if (lsn !== undefined) this.noteSample(askedAt, lsn, isOther);
    return isOther && before !== undefined;
  }

  private noteSample(askedAt: number, lsn: Lsn, isOther: boolean): void {
    // Another history, or the same one after a crash that lost what had not reached the disk.
    const isBack = isOther || lsn < this.lastSampled;
    if (isBack) this.ring.clear();
    this.ring.note(askedAt, lsn);
    this.lastSampled = lsn;
    if (isBack || this.lsn === undefined || lsn > this.lsn) this.lsn = lsn;
  }

  primaryLost(): void {
    this.lsn = undefined;
  }

  /** A position that a statement on the primary told, as one of its history; undefined before the primary was seen. */
  note(position: string | null): WalPosition | undefined {
    const at = this.positionOf(position);
    if (at !== undefined && (this.lsn === undefined || at.lsn > this.lsn)) this.lsn = at.lsn;
    return at;
  }

  /** The same without learning from it, for a follower's replay position. */
  positionOf(position: string | null): WalPosition | undefined {
    if (position === null || this.identity === undefined) return undefined;
    // The reads of one event-loop turn share a position, and an idle primary has one for seconds.
    if (position !== this.latest?.text) {
      const lsn = lastRecordEnd(parseLsn(position), this.segmentSize);
      this.latest = { text: position, position: { ...this.identity, lsn } };
    }
    return this.latest.position;
  }

  isOfThisHistory(position: WalPosition): boolean {
    return this.identity === undefined || isSameHistory(position, { ...this.identity, lsn: 0n });
  }

  /**
   * The moment (`performance.now()`) before which everything acknowledged is contained in what a follower has replayed
   * up to `lsn`; undefined where no sample is that old.
   */
  containedUntil(lsn: Lsn | undefined): number | undefined {
    return lsn === undefined ? undefined : this.ring.newestAtOrBelow(lsn);
  }
}
