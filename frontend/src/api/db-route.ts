/** Which server answered a read, why that one, and how old what it said may be. */
export interface DbRoute {
  target: string;
  reason: string;
  /** `X-Db-Staleness-Ms`: what the answer lacks is younger than this; null where no bound is known. */
  stalenessMs: number | null;
  /** When the answer came, in milliseconds since 1970. */
  at: number;
}

/** Null when the answer does not say. */
export function dbRouteOf({ headers }: Response, now = Date.now()): DbRoute | null {
  const target = headers.get('x-db-route');
  if (target === null) return null;
  const staleness = headers.get('x-db-staleness-ms');
  return {
    target,
    reason: headers.get('x-db-route-reason') ?? '',
    stalenessMs: staleness !== null && /^\d+$/.test(staleness) ? Number(staleness) : null,
    at: now,
  };
}

/** Reasons for which the primary answers what the follower should have: it is there, but not in a state to. */
const TROUBLE = new Set(['follower-open', 'follower-ramp', 'follower-role-changed', 'retry']);

export function isFallback(route: DbRoute | null): boolean {
  return route?.target === 'primary' && TROUBLE.has(route.reason);
}

/** Which server is away, as the process knew when it answered (`X-Db-Degraded`). */
export type Degraded = 'primary-down' | 'follower-down';

/**
 * Null where the answer shows that all is well: a follower gave it and names nothing. Undefined where it shows nothing:
 * answers name only what they would have used, and that one read failed on the follower does not make it a lost one.
 */
export function degradedOf({ headers }: Response): Degraded | null | undefined {
  const degraded = headers.get('x-db-degraded');
  if (headers.get('x-db-route-reason') === 'retry') return undefined;
  if (degraded === 'primary-down' || degraded === 'follower-down') return degraded;
  return headers.get('x-db-route') === 'follower' ? null : undefined;
}
