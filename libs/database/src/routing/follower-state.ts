import type { Verdict } from '../servers/server-watch.js';

export const FOLLOWER_STATES = ['absent', 'connecting', 'healthy', 'suspect', 'open', 'role-changed'] as const;

/**
 * What this process thinks of a follower. `absent`: no URL. `connecting`: never seen. `healthy`: serves. `suspect`: one
 * missed probe, still serves. `open`: given up, its sockets destroyed. `role-changed`: it answers, but is no follower
 * of this primary, so it is never read.
 */
export type FollowerState = (typeof FOLLOWER_STATES)[number];

export interface FollowerHealth {
  readonly state: FollowerState;
  /** Good probes in a row while coming back. */
  readonly good: number;
}

const GOOD_PROBES_TO_RETURN = 3;

/**
 * The next health after one probe. Pure: time and sockets are the supervisor's. Without an expected system (the primary
 * has not been seen yet) nobody can say whose follower it is, so it is not read yet.
 */
export function nextHealth(
  health: FollowerHealth,
  verdict: Verdict,
  expectedSystem: string | undefined,
): FollowerHealth {
  if (health.state === 'absent') return health;
  if (verdict.kind === 'missed') return afterMiss(health, verdict.isRefused);
  const { isInRecovery, systemIdentifier } = verdict.sighting;
  if (isInRecovery && expectedSystem === undefined) return health;
  const isOurs = isInRecovery && expectedSystem === systemIdentifier;
  return isOurs ? afterSighting(health) : { state: 'role-changed', good: 0 };
}

/** Whether reads may go there. */
export function isServing(state: FollowerState): boolean {
  return state === 'healthy' || state === 'suspect';
}

function afterMiss(health: FollowerHealth, isRefused: boolean): FollowerHealth {
  switch (health.state) {
    case 'healthy':
      return { state: isRefused ? 'open' : 'suspect', good: 0 };
    case 'connecting':
      return health;
    default:
      return { state: 'open', good: 0 };
  }
}

function afterSighting(health: FollowerHealth): FollowerHealth {
  switch (health.state) {
    case 'connecting':
    case 'healthy':
    case 'suspect':
      return { state: 'healthy', good: 0 };
    default: {
      const good = health.good + 1;
      return good >= GOOD_PROBES_TO_RETURN ? { state: 'healthy', good: 0 } : { state: health.state, good };
    }
  }
}
