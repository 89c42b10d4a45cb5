import type { MissCause } from '../servers/miss-cause.js';
import type { ServerIdentity, ServerSighting } from '../servers/server-probe.js';

export const FOLLOWER_STATES = [
  'absent',
  'connecting',
  'healthy',
  'suspect',
  'open',
  'ramp',
  'role-changed',
  'drained',
] as const;

/**
 * What this process thinks of a follower. `absent`: no URL. `connecting`: never seen. `healthy`: serves. `suspect`: one
 * missed probe; serves, but opens no new sockets. `open`: given up, its sockets destroyed. `ramp`: back, and given a
 * growing share of the reads. `role-changed`: it answers, but is no follower of this primary, so it is never read.
 * `drained`: an operator took it out.
 */
export type FollowerState = (typeof FOLLOWER_STATES)[number];

export type TransitionCause =
  | MissCause
  | 'seen'
  | 'recovered'
  | 'ramped-up'
  | 'not-in-recovery'
  | 'other-system'
  | 'other-timeline'
  | 'drained'
  | 'undrained';

/** `absent` and `drained` are not of this machine: one is no follower at all, the other lies over whatever it is. */
export interface FollowerHealth {
  readonly state: Exclude<FollowerState, 'absent' | 'drained'>;
  /** Good probes in a row while coming back. */
  readonly good: number;
  /** When `ramp` began, in milliseconds of `performance.now()`. */
  readonly rampingSince?: number;
}

export interface StateSettings {
  goodProbesToReturn: number;
  rampMs: number;
}

export const FIRST_HEALTH: FollowerHealth = { state: 'connecting', good: 0 };

/** Whether reads may go there. */
export function isServing(state: FollowerState): boolean {
  return state === 'healthy' || state === 'suspect' || state === 'ramp';
}

/** After a probe that failed. A refused connection is no matter of a second look. */
export function afterMiss(health: FollowerHealth, cause: MissCause): FollowerHealth {
  switch (health.state) {
    case 'connecting':
      return health;
    case 'healthy':
      return { state: cause === 'refused' ? 'open' : 'suspect', good: 0 };
    default:
      return { state: 'open', good: 0 };
  }
}

/** After a probe that found a follower of our primary. */
export function afterSighting(health: FollowerHealth, nowMs: number, settings: StateSettings): FollowerHealth {
  switch (health.state) {
    case 'connecting':
    case 'healthy':
    case 'suspect':
      return { state: 'healthy', good: 0 };
    case 'ramp': {
      const isOver = nowMs - (health.rampingSince ?? nowMs) >= settings.rampMs;
      return isOver ? { state: 'healthy', good: 0 } : health;
    }
    default: {
      const good = health.good + 1;
      return good < settings.goodProbesToReturn ? { state: health.state, good } : startRamp(nowMs);
    }
  }
}

/** A follower that was away begins with few reads: its caches are cold, and it may go again at once. */
export function startRamp(nowMs: number): FollowerHealth {
  return { state: 'ramp', good: 0, rampingSince: nowMs };
}

/** After a probe that found a server which must not be read. */
export function afterStranger(): FollowerHealth {
  return { state: 'role-changed', good: 0 };
}

/** The share of reads, 0 to 1, that a follower gets: a quarter and then a half while it ramps up. */
export function shareOfReads(health: FollowerHealth, nowMs: number, { rampMs }: StateSettings): number {
  if (health.state !== 'ramp') return isServing(health.state) ? 1 : 0;
  return nowMs - (health.rampingSince ?? nowMs) < rampMs / 2 ? 0.25 : 0.5;
}

/** Why a server that answered is no follower of this primary; undefined where it is one. */
export function strangeness(sighting: ServerSighting, primary: ServerIdentity): TransitionCause | undefined {
  if (sighting.systemId !== primary.systemId) return 'other-system';
  if (!sighting.isInRecovery) return 'not-in-recovery';
  return sighting.timeline === primary.timeline ? undefined : 'other-timeline';
}
