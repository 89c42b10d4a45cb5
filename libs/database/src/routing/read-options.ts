/** Which server a read would like; `follower-only` fails rather than ask the primary. */
export type ReadPreference = 'primary' | 'follower-preferred' | 'follower-only';

export interface ReadOptions {
  preference: ReadPreference;
  /** The organization whose own recent writes a follower's answer must hold; see `OwnWrites`. */
  organizationId?: number;
}

/** Why a read was answered where it was; the values of `X-Db-Route-Reason`. */
export type RouteReason =
  | 'ok'
  | 'preference'
  | 'transaction'
  | 'token-ahead'
  | 'follower-absent'
  | 'follower-open'
  | 'follower-role-changed'
  | 'retry'
  | 'conflict-retry'
  | 'schema-behind';
