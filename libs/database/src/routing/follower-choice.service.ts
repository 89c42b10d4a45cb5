import { Injectable } from '@nestjs/common';
import type { Lsn } from '../positions/lsn.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import type { FollowerSupervisor } from './follower-supervisor.js';
import { Followers } from './followers.service.js';
import type { RouteReason } from './read-options.js';

/** What a follower must offer to answer a read. */
export interface Requirements {
  /** It must have replayed up to here. */
  lsn?: Lsn;
  /** Its answer must not be older than this. */
  maxStalenessMs?: number;
  /** The names of those that are not to be taken. */
  except?: ReadonlySet<string>;
  /** There is no going to the primary instead. */
  isOnly?: boolean;
}

/** The follower that answers, or the reason why none does. */
export type Choice = { follower: FollowerSupervisor } | { refusal: RouteReason };

const POLL_MS = 10;
/** Each look asks each of them; more would cost more than they gain. */
const MOST_WAITING = 128;

/**
 * Picks the follower for a read, in turn among those that serve and satisfy it, from what the last looks told: no
 * question to any server. Where all lag behind a token it can wait for the first to catch up, looking every 10 ms.
 */
@Injectable()
export class FollowerChoice {
  private next = 0;
  private readonly waiting = new Set<() => void>();
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly followers: Followers,
    private readonly primary: PrimaryMonitor,
  ) {
    this.followers.whenLooked(() => {
      for (const check of [...this.waiting]) check();
    });
  }

  pick(requirements: Requirements): Choice {
    const { all } = this.followers;
    // Where there is nowhere else to go, one that ramps up takes every read.
    const chance = requirements.isOnly || this.primary.state !== 'up' ? 0 : Math.random();
    let refusal: RouteReason | undefined;
    for (let offset = 0; offset < all.length; offset += 1) {
      const index = (this.next + offset) % all.length;
      const follower = all[index] as FollowerSupervisor;
      const found = refusalOf(follower, requirements, chance);
      if (found === undefined) {
        this.next = index + 1;
        return { follower };
      }
      refusal = moreTelling(refusal, found);
    }
    return { refusal: refusal ?? 'follower-absent' };
  }

  /** Resolves with the first follower that satisfies, or with the reason once the time is over. */
  pickWithin(requirements: Requirements, waitMs: number): Promise<Choice> {
    const deadline = performance.now() + waitMs;
    if (waitMs <= 0 || this.waiting.size >= MOST_WAITING) return Promise.resolve(this.pick(requirements));
    return new Promise((resolve) => {
      const check = (): void => {
        const choice = this.pick(requirements);
        if ('refusal' in choice && isWorthWaiting(choice.refusal) && performance.now() < deadline) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(choice);
      };
      const timer = setTimeout(check, waitMs + 1);
      this.waiting.add(check);
      // A bound improves with the regular looks only.
      if (requirements.lsn !== undefined) this.keepLooking();
    });
  }

  /** The follower that is least behind of those that answer at all. */
  pickStale(): Choice {
    const serving = this.followers.all.filter((follower) => follower.isServing);
    const [freshest] = serving.sort((a, b) => (b.containsUntil ?? 0) - (a.containsUntil ?? 0));
    return freshest === undefined ? { refusal: 'follower-open' } : { follower: freshest };
  }

  private keepLooking(): void {
    if (this.poll !== undefined) return;
    this.followers.lookNow();
    this.poll = setInterval(() => {
      if (this.waiting.size > 0) return this.followers.lookNow();
      clearInterval(this.poll);
      this.poll = undefined;
    }, POLL_MS);
  }
}

/** Whether a follower may satisfy in a moment what it does not satisfy now. */
export function isWorthWaiting(refusal: RouteReason): boolean {
  return refusal === 'token-ahead' || refusal === 'stale';
}

function refusalOf(
  follower: FollowerSupervisor,
  { lsn, maxStalenessMs, except }: Requirements,
  chance: number,
): RouteReason | undefined {
  if (except?.has(follower.name)) return 'follower-open';
  if (follower.isSchemaBehind) return 'schema-behind';
  if (!follower.takes(chance)) return REFUSALS[follower.state];
  if (lsn !== undefined && (follower.lsn === undefined || follower.lsn < lsn)) return 'token-ahead';
  if (maxStalenessMs === undefined) return undefined;
  const { containsUntil } = follower;
  return containsUntil !== undefined && performance.now() - containsUntil <= maxStalenessMs ? undefined : 'stale';
}

const REFUSALS: Record<FollowerSupervisor['state'], RouteReason> = {
  absent: 'follower-absent',
  connecting: 'follower-absent',
  // Only while they take a share of the reads; one that serves fully takes any.
  healthy: 'follower-ramp',
  suspect: 'follower-ramp',
  ramp: 'follower-ramp',
  open: 'follower-open',
  'role-changed': 'follower-role-changed',
  drained: 'follower-drained',
};

/** Of several followers the one tells most that came nearest to answering. */
const TELLING: RouteReason[] = [
  'token-ahead',
  'stale',
  'follower-ramp',
  'follower-open',
  'follower-role-changed',
  'follower-drained',
  'schema-behind',
  'follower-absent',
];

function moreTelling(a: RouteReason | undefined, b: RouteReason): RouteReason {
  return a !== undefined && TELLING.indexOf(a) <= TELLING.indexOf(b) ? a : b;
}
