import type { Logger } from '@app/logging';
import type { ServerPool } from '../servers/server-pool.js';
import { type ServerWatch, type Verdict } from '../servers/server-watch.js';
import { type FollowerHealth, type FollowerState, isServing, nextHealth } from './follower-state.js';

export interface FollowerTransition {
  follower: string;
  from: FollowerState;
  to: FollowerState;
  cause: string;
}

/** Pauses between looks at a follower that stays away grow up to this multiple of the interval. */
const MAX_PAUSE_FACTOR = 4;

/**
 * Keeps one follower's state from its probes. Giving up destroys every socket of its pool: statements waiting there
 * fail at once and are asked again of the primary, instead of waiting for a server that may never answer.
 */
export class FollowerSupervisor {
  private health: FollowerHealth = { state: 'connecting', good: 0 };
  private misses = 0;

  constructor(
    readonly name: string,
    readonly pool: ServerPool,
    private readonly expectedSystem: () => string | undefined,
    private readonly onTransition: (transition: FollowerTransition) => void,
    private readonly logger: Logger,
  ) {}

  watch: ServerWatch | undefined;

  get state(): FollowerState {
    return this.health.state;
  }

  get isServing(): boolean {
    return isServing(this.health.state);
  }

  /** Something failed there: look now rather than at the end of the pause. */
  suspectFailure(): void {
    this.watch?.hurry();
  }

  take(verdict: Verdict): void {
    const before = this.health.state;
    this.health = nextHealth(this.health, verdict, this.expectedSystem());
    this.misses = verdict.kind === 'missed' ? this.misses + 1 : 0;
    this.watch?.slowDown(isServing(this.health.state) ? 1 : Math.min(1 + this.misses / 2, MAX_PAUSE_FACTOR));
    if (before === 'connecting' && verdict.kind === 'missed' && this.misses === 1) {
      this.logger.warn({ follower: this.name, cause: verdict.cause }, 'follower not reachable, reads use the primary');
    }
    if (this.health.state === before) return;
    if (!this.isServing) this.pool.destroySockets();
    const cause = verdict.kind === 'missed' ? verdict.cause : 'probe answered';
    this.onTransition({ follower: this.name, from: before, to: this.health.state, cause });
  }
}
