import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { type SqlSession, statement } from '../servers/statement.js';

/** A follower that is further behind than this after a write no longer counts on anybody's memory of it. */
const REMEMBERED_MS = 10_000;
const MAX_REMEMBERED = 10_000;
const WAIT_MS = 50;
const LOOK_EVERY_MS = 2;

const FLUSHED = statement('flushed-position', 'SELECT pg_current_wal_flush_lsn()::text AS lsn');
const REPLAYED = statement(
  'has-replayed',
  'SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS "hasReplayed"',
);

interface RecentWrite {
  at: number;
  /** Names of the followers that were seen to have it. */
  replayedBy: Set<string>;
}

/**
 * Which organizations wrote through this process a moment ago. Replication takes a few milliseconds, and who creates a
 * customer and then looks at the totals must find it there; without this, one such look in eight missed it on an idle
 * machine. Costs nothing to organizations that only read. Other processes' writes are not known here.
 */
@Injectable()
export class OwnWrites {
  private readonly recent = new Map<number, RecentWrite>();

  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
  ) {}

  note(organizationId: number): void {
    // Set anew rather than changed, so that the map stays in order of time and the oldest is the first.
    this.recent.delete(organizationId);
    this.recent.set(organizationId, { at: performance.now(), replayedBy: new Set() });
    const [oldest] = this.recent.keys();
    if (this.recent.size > MAX_REMEMBERED && oldest !== undefined) this.recent.delete(oldest);
  }

  /** Whether the follower has the organization's last writes, waiting up to 50 ms for it to replay them. */
  async areOn(follower: { name: string; pool: SqlSession }, organizationId: number): Promise<boolean> {
    const write = this.recent.get(organizationId);
    if (write === undefined || write.replayedBy.has(follower.name)) return true;
    if (performance.now() - write.at > REMEMBERED_MS) {
      this.recent.delete(organizationId);
      return true;
    }
    const position = await this.flushedPosition();
    // Without the primary nobody can say; an answer that may miss the last write is better than none.
    if (position === undefined) return true;
    const hasReplayed = await waitForReplay(follower.pool, position);
    if (hasReplayed) write.replayedBy.add(follower.name);
    return hasReplayed;
  }

  /** Asked after the write was acknowledged, so it is at or beyond the write's commit. A primary that hangs is not waited for. */
  private async flushedPosition(): Promise<string | undefined> {
    if (this.monitor.state !== 'up') return undefined;
    const asked = this.pools.fallback.query<{ lsn: string }>(FLUSHED).catch(() => []);
    const rows = await Promise.race([asked, sleep(WAIT_MS, [], { ref: false })]);
    return rows[0]?.lsn;
  }
}

async function waitForReplay(follower: SqlSession, position: string): Promise<boolean> {
  const deadline = performance.now() + WAIT_MS;
  do {
    const rows = await follower.query<{ hasReplayed: boolean }>(REPLAYED, [position]);
    if (rows[0]?.hasReplayed) return true;
    await sleep(LOOK_EVERY_MS);
  } while (performance.now() < deadline);
  return false;
}
