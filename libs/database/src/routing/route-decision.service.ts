import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseMetrics } from '../database.metrics.js';
import { asReadFailure } from '../servers/database-errors.js';
import { ClientTokens } from './client-tokens.service.js';
import { type Choice, FollowerChoice, isWorthWaiting, type Requirements } from './follower-choice.service.js';
import type { FollowerSupervisor } from './follower-supervisor.js';
import { OwnWrites } from './own-writes.service.js';
import type { ReadOptions } from './read-options.js';
import { followerUnavailable } from './refusals.js';
import { requestReads } from './request-reads.js';
import { retryReason } from './retry-reason.js';
import type { RoutedRead } from './routed-read.js';

/** What replication takes while all is well. A token that takes longer may be none of ours. */
const REPLICATION_MS = 20;
/** What a look at the primary may take; one that hangs is not waited for. */
const LOOK_MS = 50;

/**
 * Says which follower answers a read, or why none does. Decides from memory: what the last looks told of the followers,
 * what the client has seen, what its organization has written. Only a token that no follower has reached costs time.
 */
@Injectable()
export class RouteDecision {
  private readonly defaultWaitMs: number;

  constructor(
    @Inject(Configuration) { database }: Configuration,
    private readonly tokens: ClientTokens,
    private readonly ownWrites: OwnWrites,
    private readonly followers: FollowerChoice,
    private readonly metrics: DatabaseMetrics,
  ) {
    this.defaultWaitMs = database.tokenWaitMs;
  }

  /** What the code declares and what the client of this request asks, the client's word first. */
  begin(options: ReadOptions): RoutedRead {
    const reads = requestReads();
    this.tokens.settle(reads);
    const isPromised = reads?.isExplicit ?? false;
    return {
      demand: { ...options, ...reads?.demand },
      mustHold: isPromised ? reads?.mustHold : this.tokens.ofThisHistory(this.ownWrites.of(options.organizationId)),
      isPromised,
      isAnalytical: options.preference !== 'primary',
      reads,
      failed: new Set(),
      waitMs: 0,
      databaseMs: 0,
    };
  }

  async choose(read: RoutedRead): Promise<Choice> {
    const choice = this.pick(read);
    const isToken = read.mustHold !== undefined;
    if (isToken && 'follower' in choice) this.metrics.tokenChecks.inc({ result: 'satisfied' });
    if ('follower' in choice || !isWorthWaiting(choice.refusal)) return choice;
    // Nobody asked for a wait where an answer is merely older than it should be.
    if (choice.refusal === 'stale' && read.demand.waitMs === undefined) return choice;
    return this.wait(read);
  }

  /**
   * The follower that answers when no server can answer as it should be: for clients that prefer an old answer to none, and
   * for those who were promised nothing.
   */
  standIn(read: RoutedRead): FollowerSupervisor | undefined {
    const isPromised = read.isPromised || read.demand.maxStalenessMs !== undefined;
    if (isPromised && read.demand.allowStale !== true) return undefined;
    const stale = this.followers.pickStale();
    return 'follower' in stale ? stale.follower : undefined;
  }

  /**
   * A follower that satisfies the read and has not failed it yet, for one that has nowhere else to go: one that ramps up does
   * as well. Undefined where there is none.
   */
  pickOther(read: RoutedRead): FollowerSupervisor | undefined {
    const other = this.followers.pick({ ...requirementsOf(read), isOnly: true });
    return 'follower' in other ? other.follower : undefined;
  }

  /**
   * Where a read goes that has failed on a follower: to another follower while the primary is away or not wanted, else to the
   * primary, with the reason.
   *
   * @throws the failure itself where no server would do better; DomainError `follower_unavailable`.
   */
  afterFailure(failed: FollowerSupervisor, cause: unknown, read: RoutedRead, isPrimaryUp: boolean): Choice {
    const refusal = retryReason(cause);
    if (refusal === undefined) throw asReadFailure(cause);
    read.failed.add(failed.name);
    if (refusal === 'schema-behind') failed.noteSchemaBehind();
    else if (refusal !== 'conflict-retry') failed.suspectFailure();
    const isOnly = read.demand.preference === 'follower-only';
    const follower = isOnly || !isPrimaryUp ? this.pickOther(read) : undefined;
    if (follower !== undefined) return { follower };
    if (isOnly) throw followerUnavailable(cause);
    return { refusal };
  }

  private pick(read: RoutedRead): Choice {
    return this.followers.pick(requirementsOf(read));
  }

  private async wait(read: RoutedRead): Promise<Choice> {
    const startedAt = performance.now();
    const limitMs = read.demand.waitMs ?? this.defaultWaitMs;
    let choice = await this.followers.pickWithin(requirementsOf(read), Math.min(limitMs, REPLICATION_MS));
    if ('refusal' in choice) {
      if (read.reads?.token !== undefined) {
        await this.tokens.dropIfBeyond(read.reads, Math.min(limitMs, LOOK_MS));
        read.mustHold = read.reads.mustHold;
      }
      choice = await this.followers.pickWithin(requirementsOf(read), limitMs - (performance.now() - startedAt));
    }
    read.waitMs = performance.now() - startedAt;
    this.metrics.tokenWait.observe(read.waitMs / 1000);
    if (read.mustHold !== undefined)
      this.metrics.tokenChecks.inc({ result: 'follower' in choice ? 'waited' : 'behind' });
    return choice;
  }
}

function requirementsOf({ mustHold, demand, failed }: RoutedRead): Requirements {
  const isOnly = demand.preference === 'follower-only';
  return { lsn: mustHold?.lsn, maxStalenessMs: demand.maxStalenessMs, isOnly, except: failed };
}
