import { DomainError } from '@app/errors';
import { currentContext } from '@app/logging';
import { Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { PrimaryDatabase } from '../servers/primary-database.service.js';
import type { SqlSession } from '../servers/statement.js';
import { FallbackPool } from './fallback-pool.service.js';
import type { FollowerSupervisor } from './follower-supervisor.js';
import { Followers } from './followers.service.js';
import { OwnWrites } from './own-writes.service.js';
import type { ReadOptions, RouteReason } from './read-options.js';
import { retryReason } from './retry-reason.js';

/**
 * The one door for reads. It picks the server, counts and shows the choice with its reason, and asks the primary once
 * more when a follower fails. `fn` may therefore run twice and must only read; it must not keep what it got from a
 * first run, nor have sent rows to a client (streams go to the primary).
 */
@Injectable()
export class ReadRouter {
  constructor(
    private readonly primary: PrimaryDatabase,
    private readonly followers: Followers,
    private readonly ownWrites: OwnWrites,
    private readonly fallback: FallbackPool,
    private readonly metrics: DatabaseMetrics,
  ) {}

  /**
   * @throws DomainError `primary_unavailable`, `follower_unavailable` (follower-only), `analytics_shed` (the fallback
   * is full); SQL errors as they are.
   */
  async read<T>(options: ReadOptions, fn: (session: SqlSession) => Promise<T>): Promise<T> {
    if (this.primary.isInTransaction) return this.onPrimary('transaction', fn);
    if (options.preference === 'primary') return this.onPrimary('preference', fn);
    const follower = this.followers.pick();
    if (follower === undefined) {
      if (options.preference === 'follower-only') throw followerUnavailable();
      return this.onFallback(this.followers.absenceReason, fn);
    }
    return this.onFollower(follower, options, fn);
  }

  private async onFollower<T>(
    follower: FollowerSupervisor,
    options: ReadOptions,
    fn: (session: SqlSession) => Promise<T>,
  ): Promise<T> {
    const { organizationId, preference } = options;
    try {
      const isCurrent = organizationId === undefined || (await this.ownWrites.areOn(follower, organizationId));
      if (!isCurrent && preference !== 'follower-only') return await this.onFallback('token-ahead', fn);
      const answer = await fn(follower.pool);
      this.note('follower', 'ok');
      return answer;
    } catch (error) {
      const reason = retryReason(error);
      if (reason === undefined) throw error;
      if (reason === 'retry') follower.suspectFailure();
      if (preference === 'follower-only') throw followerUnavailable(error);
      return this.retryOnPrimary(reason, error, fn);
    }
  }

  private async retryOnPrimary<T>(reason: RouteReason, cause: unknown, fn: (session: SqlSession) => Promise<T>) {
    const code = (cause as { code?: string }).code ?? 'socket';
    try {
      const answer = await this.onFallback(reason, fn);
      this.metrics.retries.inc({ code, outcome: 'answered' });
      return answer;
    } catch (error) {
      this.metrics.retries.inc({ code, outcome: 'failed' });
      throw error;
    }
  }

  private onPrimary<T>(reason: RouteReason, fn: (session: SqlSession) => Promise<T>): Promise<T> {
    this.note('primary', reason);
    return fn(this.primary);
  }

  private onFallback<T>(reason: RouteReason, fn: (session: SqlSession) => Promise<T>): Promise<T> {
    this.note('primary', reason);
    return fn(this.fallback);
  }

  private note(target: 'primary' | 'follower', reason: RouteReason): void {
    this.metrics.countRoute(target, reason);
    const context = currentContext();
    if (context) context.route = { target, reason };
  }
}

function followerUnavailable(cause?: unknown): DomainError {
  return new DomainError('follower_unavailable', 'No follower can answer at the moment', {
    cause,
    retryAfterSeconds: 1,
  });
}
