/** Which server a read would like; `follower-only` fails rather than ask the primary. */
export type ReadPreference = 'primary' | 'follower-preferred' | 'follower-only';

/** What the code that reads declares. What the client of the request asks for (`RequestReads`) comes before it. */
export interface ReadOptions {
  preference: ReadPreference;
  /** The oldest answer that will do, in milliseconds; without it any age will. */
  maxStalenessMs?: number;
  /** How long to wait for a follower to reach what the client has seen, in milliseconds; 50 unless configured. */
  waitMs?: number;
  /** Rather an answer that is older than asked than none, when the primary can't give a newer one. */
  allowStale?: boolean;
  /** The organization whose own writes a follower's answer must hold, where the client sends no token; see `OwnWrites`. */
  organizationId?: number;
  /** Several statements that must see one and the same moment. They run on one connection, in a read-only transaction. */
  isSnapshot?: boolean;
}

export const ROUTE_REASONS = [
  'ok',
  'preference',
  'transaction',
  'token-ahead',
  'stale',
  'follower-absent',
  'follower-open',
  'follower-ramp',
  'follower-drained',
  'follower-role-changed',
  'conflict-retry',
  'retry',
  'schema-behind',
] as const;

/** Why a read was answered where it was; the values of `X-Db-Route-Reason`. `ok` is the follower, as wanted. */
export type RouteReason = (typeof ROUTE_REASONS)[number];
