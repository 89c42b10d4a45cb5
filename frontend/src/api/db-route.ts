/** Which server answered a read, and why that one (`X-Db-Route`, `X-Db-Route-Reason`). */
export interface DbRoute {
  target: string;
  reason: string;
}

/** Null when the answer does not say. */
export function dbRouteOf(response: Response): DbRoute | null {
  const target = response.headers.get('x-db-route');
  return target === null ? null : { target, reason: response.headers.get('x-db-route-reason') ?? '' };
}

/** Reasons for which the primary answers what the follower should have: it is there, but not in a state to. */
const TROUBLE = new Set(['follower-open', 'follower-ramp', 'follower-role-changed', 'retry']);

export function isFallback(route: DbRoute | null): boolean {
  return route?.target === 'primary' && TROUBLE.has(route.reason);
}
