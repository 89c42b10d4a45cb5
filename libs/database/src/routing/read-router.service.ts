import { Injectable } from '@nestjs/common';
import { FollowerBehindItselfError } from '../servers/follower-pool.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { currentTransaction, type OpenTransaction } from '../transactions/current-transaction.js';
import { FallbackPool } from './fallback-pool.service.js';
import type { FollowerSupervisor } from './follower-supervisor.js';
import { PrimaryReads } from './primary-reads.service.js';
import type { ReadOptions, RouteReason } from './read-options.js';
import { ReadRecord } from './read-record.service.js';
import type { ReadSession } from './read-session.js';
import { followerUnavailable, isRefusal } from './refusals.js';
import { RetryBudget } from './retry-budget.js';
import { RouteDecision } from './route-decision.service.js';
import { isTooOld, type RoutedRead, runOn, withoutPositions } from './routed-read.js';

type ReadFunction<T> = (session: ReadSession) => Promise<T>;

/**
 * The one door for reads. It picks the server, counts and shows the choice with its reason, and asks the primary once
 * more when a follower fails. The function may therefore run twice and must only read: a write in it fails on either
 * server. It must not keep what it got from a first run, nor have sent rows to a client (for whole lists see `RowStreams`).
 *
 * What happens to a read when its follower hangs: it waits there until the second missed probe, at most 1.5 s, when the
 * supervisor destroys the follower's sockets; that fails it with a lost connection, and it is asked again of the primary.
 */
@Injectable()
export class ReadRouter {
  private readonly budget = new RetryBudget();

  constructor(
    private readonly decision: RouteDecision,
    private readonly primary: PrimaryReads,
    private readonly fallback: FallbackPool,
    private readonly monitor: PrimaryMonitor,
    private readonly record: ReadRecord,
  ) {}

  /**
   * @throws DomainError `primary_unavailable`, `follower_unavailable` (follower-only), `analytics_shed` (the fallback
   * is full); SQL errors as they are.
   */
  read<T>(options: ReadOptions, fn: ReadFunction<T>): Promise<T> {
    const read = this.decision.begin(options);
    const transaction = currentTransaction();
    if (transaction !== undefined) return this.inTransaction(transaction, read, fn);
    if (read.demand.preference === 'primary') return this.onPrimary(read, 'preference', fn);
    return this.wherePossible(read, fn);
  }

  private async wherePossible<T>(read: RoutedRead, fn: ReadFunction<T>): Promise<T> {
    const choice = await this.decision.choose(read);
    if ('follower' in choice) return this.onFollower(choice.follower, read, fn);
    return this.withoutFollower(read, choice.refusal, fn);
  }

  private async inTransaction<T>({ session }: OpenTransaction, read: RoutedRead, fn: ReadFunction<T>): Promise<T> {
    const { result } = await runOn(read, withoutPositions(session), fn);
    this.record.fromPrimary(read, 'transaction', null);
    return result;
  }

  private async onPrimary<T>(read: RoutedRead, reason: RouteReason, fn: ReadFunction<T>): Promise<T> {
    const isFallback = read.isAnalytical || reason !== 'preference';
    const { result, position } = await runOn(read, isFallback ? this.fallback : this.primary, fn);
    this.record.fromPrimary(read, reason, position);
    return result;
  }

  /** No follower may answer: the primary does, or else, for those who want it, a follower that is behind. */
  private async withoutFollower<T>(read: RoutedRead, reason: RouteReason, fn: ReadFunction<T>): Promise<T> {
    if (read.demand.preference === 'follower-only') return this.onStandIn(read, fn, followerUnavailable());
    try {
      return await this.onPrimary(read, reason, fn);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // One that ramps up had been passed over for most reads only to go easy on it.
      const other = reason === 'stale' ? undefined : this.decision.pickOther(read);
      return other === undefined ? this.onStandIn(read, fn, error) : this.onFollower(other, read, fn);
    }
  }

  private onStandIn<T>(read: RoutedRead, fn: ReadFunction<T>, refusal: unknown): Promise<T> {
    const standIn = this.decision.standIn(read);
    if (standIn === undefined || read.failed.has(standIn.name)) return Promise.reject(refusal);
    return this.onFollower(standIn, read, fn, true);
  }

  private async onFollower<T>(
    follower: FollowerSupervisor,
    read: RoutedRead,
    fn: ReadFunction<T>,
    mayBeOld = false,
  ): Promise<T> {
    // What it contained when it was picked it contains when it answers, unless it was set back meanwhile.
    const { containsUntil, setbacks } = follower;
    this.budget.noteRead();
    const answer = await runOn(read, follower.pool, fn).catch((error: unknown) => ({ error }));
    if ('error' in answer) return this.afterFailure(follower, answer.error, read, fn);
    if (follower.setbacks !== setbacks) return this.afterFailure(follower, new FollowerBehindItselfError(), read, fn);
    const answeredAt = performance.now();
    if (!mayBeOld && isTooOld(read, containsUntil, answeredAt)) return this.withoutFollower(read, 'stale', fn);
    this.record.fromFollower(read, { asOf: containsUntil, answeredAt, position: answer.position });
    return answer.result;
  }

  /** A second time, on the primary; on another follower where the primary is away, not wanted or has enough of them. */
  private async afterFailure<T>(
    follower: FollowerSupervisor,
    cause: unknown,
    read: RoutedRead,
    fn: ReadFunction<T>,
  ): Promise<T> {
    const next = this.decision.afterFailure(follower, cause, read, this.monitor.state === 'up');
    if ('follower' in next) return this.record.retry(cause, () => this.onFollower(next.follower, read, fn));
    return this.record.retry(cause, () =>
      this.retryOnPrimary(read, next.refusal, fn, cause).catch((error: unknown) => {
        const other = isRefusal(error) ? this.decision.pickOther(read) : undefined;
        if (other === undefined) throw error;
        return this.onFollower(other, read, fn);
      }),
    );
  }

  private async retryOnPrimary<T>(
    read: RoutedRead,
    reason: RouteReason,
    fn: ReadFunction<T>,
    cause: unknown,
  ): Promise<T> {
    // The fallback's own limits protect the primary; while it has room, nobody is refused for how many have failed.
    if (this.fallback.isBusy && !this.budget.tryTake(performance.now())) throw this.fallback.shed(cause);
    return this.onPrimary(read, reason, fn);
  }
}
