import type { Logger } from '@app/logging';
import type { Lsn } from '../positions/lsn.js';
import type { FollowerPool } from '../servers/follower-pool.js';
import type { PrimaryLog } from '../servers/primary-log.service.js';
import type { ServerIdentity, ServerSighting } from '../servers/server-probe.js';
import type { ServerWatch, Verdict } from '../servers/server-watch.js';
import {
  afterMiss,
  afterSighting,
  afterStranger,
  FIRST_HEALTH,
  type FollowerHealth,
  type FollowerState,
  isServing,
  type StateSettings,
  shareOfReads,
  startRamp,
  strangeness,
  type TransitionCause,
} from './follower-state.js';

export interface FollowerTransition {
  follower: string;
  from: FollowerState;
  to: FollowerState;
  cause: TransitionCause;
}

export interface SupervisorSettings extends StateSettings {
  probeIntervalMs: number;
  /** The longest pause between looks at a follower that stays away. */
  backoffMaxMs: number;
}

/** After a miss the next look comes sooner, so that a follower that hangs is given up within 1.5 s. */
const PAUSE_FACTOR_AFTER_MISS = 0.4;
/** The primary's looks set the pace: each is followed by one here. This one's own clock only stands in for them. */
const PAUSE_FACTOR = 1.4;

/**
 * Keeps one follower's state and position from its probes. Giving up destroys every socket of its pool: statements
 * waiting there fail at once and are asked again of the primary, instead of waiting for a server that may never answer.
 */
export class FollowerSupervisor {
  /** Where it had replayed to when it was last seen; what it shows is at or beyond that. */
  lsn: Lsn | undefined;
  /** Everything that was acknowledged before this moment (`performance.now()`) is contained in it; see `PrimaryLog`. */
  containsUntil: number | undefined;
  /** How often it was seen to be behind where it was before: a crash does that. */
  setbacks = 0;
  /** When it came into its state. */
  since = new Date();
  private health: FollowerHealth = FIRST_HEALTH;
  private isDrained = false;
  private misses = 0;
  private suspectedAt = Number.NEGATIVE_INFINITY;
  /** Whose follower it was when it was last seen. */
  private primary: ServerIdentity | undefined;
  private wantsSchemaOf: Lsn | undefined;
  watch: ServerWatch | undefined;

  constructor(
    readonly pool: FollowerPool,
    private readonly log: PrimaryLog,
    private readonly settings: SupervisorSettings,
    private readonly onTransition: (transition: FollowerTransition) => void,
    private readonly logger: Logger,
  ) {}

  get name(): string {
    return this.pool.name;
  }

  get state(): FollowerState {
    return this.isDrained ? 'drained' : this.health.state;
  }

  get isServing(): boolean {
    return isServing(this.state);
  }

  /** Whether it takes this read: `chance` from 0 to 1 is compared with its share of the reads. */
  takes(chance: number): boolean {
    return !this.isDrained && chance < shareOfReads(this.health, performance.now(), this.settings);
  }

  /**
   * Something failed there: look now rather than at the end of the pause. Once an interval at most: a follower that is
   * merely too busy fails reads by the hundred, and looks at it are one more load.
   */
  suspectFailure(): void {
    const now = performance.now();
    if (now - this.suspectedAt < this.settings.probeIntervalMs) return;
    this.suspectedAt = now;
    this.watch?.hurry();
  }

  drain(isDrained: boolean): void {
    if (isDrained === this.isDrained) return;
    const before = this.state;
    this.isDrained = isDrained;
    if (!isDrained && this.health.state === 'healthy') this.health = startRamp(performance.now());
    this.tell(before, isDrained ? 'drained' : 'undrained');
  }

  take(verdict: Verdict): void {
    const before = this.state;
    const underneath = this.health.state;
    const cause = verdict.kind === 'seen' ? this.takeSighting(verdict.sighting) : this.takeMiss(verdict);
    this.watch?.slowDown(this.pauseFactor());
    // With each miss: callers that were queued when it was given up have opened new ones since.
    const isChanged = this.health.state !== underneath;
    if (!isServing(this.health.state) && (isChanged || verdict.kind === 'missed')) this.pool.destroySockets();
    if (!isChanged) return;
    // A stopped server goes on accepting connections: new ones would only wait beside the others.
    this.pool.allowGrowth(this.health.state !== 'suspect');
    if (this.state !== before) this.tell(before, cause);
  }

  /** What the primary's latest sample says of the position that is known here. */
  renewBound(): void {
    if (this.isServing && this.primary !== this.log.identity) this.leaveBehind();
    else this.containsUntil = this.log.containedUntil(this.lsn);
  }

  /** A read failed there for want of a migration: until it has replayed what there is now, it is not asked again. */
  noteSchemaBehind(): void {
    this.wantsSchemaOf = this.log.lsn;
  }

  /** Whether it may still lack a migration. */
  get isSchemaBehind(): boolean {
    return this.wantsSchemaOf !== undefined && (this.lsn === undefined || this.lsn < this.wantsSchemaOf);
  }

  /** The primary's address leads to another history now, and nobody knows yet whether this follower is of it. */
  private leaveBehind(): void {
    const before = this.state;
    this.health = afterStranger();
    this.noteReplayed(undefined);
    this.containsUntil = undefined;
    this.pool.destroySockets();
    this.tell(before, 'other-timeline');
  }

  private takeSighting(sighting: ServerSighting): TransitionCause {
    this.misses = 0;
    const primary = this.log.identity;
    // Before the primary was seen nobody can say whose follower this is, so it is not read yet.
    if (primary === undefined) return 'seen';
    const strange = strangeness(sighting, primary);
    if (strange !== undefined) {
      this.health = afterStranger();
      return strange;
    }
    this.primary = primary;
    this.noteReplayed(sighting.lsn);
    this.renewBound();
    const { state } = this.health;
    this.health = afterSighting(this.health, performance.now(), this.settings);
    if (state === 'ramp') return 'ramped-up';
    return state === 'connecting' ? 'seen' : 'recovered';
  }

  private noteReplayed(lsn: Lsn | undefined): void {
    if (this.lsn !== undefined && (lsn === undefined || lsn < this.lsn)) this.setbacks += 1;
    this.lsn = lsn;
    this.pool.replayed = lsn;
  }

  private takeMiss({ cause, detail }: Verdict & { kind: 'missed' }): TransitionCause {
    this.misses += 1;
    if (this.health.state === 'connecting' && this.misses === 1) {
      this.logger.warn({ follower: this.name, cause: detail }, 'follower not reachable, reads use the primary');
    }
    this.health = afterMiss(this.health, cause);
    return cause;
  }

  private pauseFactor(): number {
    const { probeIntervalMs, backoffMaxMs } = this.settings;
    if (this.health.state === 'suspect') return PAUSE_FACTOR_AFTER_MISS;
    if (this.misses === 0) return isServing(this.health.state) ? PAUSE_FACTOR : 1;
    return Math.max(1, Math.min(2 ** (this.misses - 2), backoffMaxMs / probeIntervalMs));
  }

  private tell(from: FollowerState, cause: TransitionCause): void {
    this.since = new Date();
    this.onTransition({ follower: this.name, from, to: this.state, cause });
  }
}
