import { Readable } from 'node:stream';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { FollowerSupervisor } from '../routing/follower-supervisor.js';
import type { RouteReason } from '../routing/read-options.js';
import { ReadRecord } from '../routing/read-record.service.js';
import { followerUnavailable, isRefusal } from '../routing/refusals.js';
import { RouteDecision } from '../routing/route-decision.service.js';
import { isTooOld, type RoutedRead } from '../routing/routed-read.js';
import { asPrimaryFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { FollowerBehindItselfError } from '../servers/follower-pool.js';
import { FOLLOWER_POSITION } from '../servers/position.sql.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { isCheckoutTimeout, type ServerPool } from '../servers/server-pool.js';

/** `text`: one line a row, COPY's backslash escapes still in it. `csv`: RFC 4180 with a header line. */
export type CopyFormat = 'text' | 'csv';

interface CopyRequest {
  query: string;
  format: CopyFormat;
}

const MAX_WAITING = 16;

/**
 * Whole result sets in constant memory: COPY sends the rows as bytes that nobody parses, only as fast as the reader takes
 * them. From the primary unless the client asks for a follower, because a stream that has begun can't be asked again of
 * another server: until its first bytes it can.
 */
@Injectable()
export class RowStreams {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
    private readonly decision: RouteDecision,
    private readonly record: ReadRecord,
  ) {}

  /**
   * @param query one SELECT with its values as literals (COPY takes no parameters): see `literal`.
   * @returns bytes that end with the last row; an error of the database destroys the stream, and destroying the stream
   * ends the statement and its connection.
   * @throws DomainError `stream_slots_exhausted` when too many streams are open, `primary_unavailable`,
   * `follower_unavailable` (follower-only).
   */
  async open(query: string, format: CopyFormat): Promise<Readable> {
    const request = { query, format };
    const read = this.decision.begin({ preference: 'primary' });
    if (read.demand.preference === 'primary') return this.fromPrimary(read, 'preference', request);
    const choice = await this.decision.choose(read);
    if ('follower' in choice) return this.fromFollower(choice.follower, read, request);
    return this.withoutFollower(read, choice.refusal, request);
  }

  private withoutFollower(read: RoutedRead, reason: RouteReason, request: CopyRequest): Promise<Readable> {
    if (read.demand.preference === 'follower-only') return this.fromStandIn(read, request, followerUnavailable());
    return this.fromPrimary(read, reason, request).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      const other = reason === 'stale' ? undefined : this.decision.pickOther(read);
      return other === undefined ? this.fromStandIn(read, request, error) : this.fromFollower(other, read, request);
    });
  }

  private fromStandIn(read: RoutedRead, request: CopyRequest, refusal: unknown): Promise<Readable> {
    // What comes from the primary unless asked otherwise is never old unless asked either.
    const standIn = read.demand.allowStale ? this.decision.standIn(read) : undefined;
    if (standIn === undefined || read.failed.has(standIn.name)) return Promise.reject(refusal);
    return this.fromFollower(standIn, read, request, true);
  }

  private async fromPrimary(read: RoutedRead, reason: RouteReason, request: CopyRequest): Promise<Readable> {
    this.monitor.assertReachable();
    const { streams, primaryRead } = this.pools;
    try {
      const rows = await openOn(read, streams, request);
      this.record.fromPrimary(read, reason, await primaryRead.position().catch(() => null));
      return rows;
    } catch (error) {
      throw isCheckoutTimeout(error) && this.monitor.state === 'up' ? exhausted(error) : asPrimaryFailure(error);
    }
  }

  private async fromFollower(
    follower: FollowerSupervisor,
    read: RoutedRead,
    request: CopyRequest,
    mayBeOld = false,
  ): Promise<Readable> {
    const { containsUntil, pool, setbacks } = follower;
    let rows: Readable | undefined;
    try {
      rows = await openOn(read, pool.streams, request);
      // Asked after the rows' snapshot was taken, so it lies at or beyond what they show.
      const { position } = await pool.queryAt(FOLLOWER_POSITION);
      if (follower.setbacks !== setbacks) throw new FollowerBehindItselfError();
      const answeredAt = performance.now();
      if (!mayBeOld && isTooOld(read, containsUntil, answeredAt)) {
        rows.destroy();
        return this.withoutFollower(read, 'stale', request);
      }
      this.record.fromFollower(read, { asOf: containsUntil, answeredAt, position });
      return rows;
    } catch (error) {
      rows?.destroy();
      return this.afterFailure(follower, error, read, request);
    }
  }

  private afterFailure(
    follower: FollowerSupervisor,
    cause: unknown,
    read: RoutedRead,
    request: CopyRequest,
  ): Promise<Readable> {
    const next = this.decision.afterFailure(follower, cause, read, this.monitor.state === 'up');
    return this.record.retry(cause, () =>
      'follower' in next
        ? this.fromFollower(next.follower, read, request)
        : this.fromPrimary(read, next.refusal, request),
    );
  }
}

/** Resolves with the first bytes. The time until then is what a whole list costs the database before anybody reads it. */
async function openOn(read: RoutedRead, pool: ServerPool, { query, format }: CopyRequest): Promise<Readable> {
  if (pool.usage.waiting >= MAX_WAITING) throw exhausted();
  const startedAt = performance.now();
  const client = await pool.checkOut();
  const options = format === 'csv' ? ' WITH (FORMAT csv, HEADER true)' : '';
  const rows = await releasing(client.query(copyTo(`COPY (${query}) TO STDOUT${options}`)), client);
  read.databaseMs += performance.now() - startedAt;
  return rows;
}

/** Waits for the first bytes (so that a failing statement is an error and not a broken answer), then hands on. */
function releasing(source: Readable, client: PoolClient): Promise<Readable> {
  let isReleased = false;
  const release = (failure?: Error | boolean): void => {
    if (isReleased) return;
    isReleased = true;
    client.release(failure);
  };
  return new Promise((resolve, reject) => {
    source.once('readable', () => resolve(source));
    source.once('end', () => {
      resolve(Readable.from([]));
      release();
    });
    source.once('error', (error) => {
      release(error);
      reject(error);
    });
    // Closed before its end: the reader went away. The connection still has rows under way, so it goes as well.
    source.once('close', () => release(true));
  });
}

function exhausted(cause?: unknown): DomainError {
  return new DomainError('stream_slots_exhausted', 'Too many whole lists are being read, try again in a moment', {
    cause,
    retryAfterSeconds: 5,
  });
}
