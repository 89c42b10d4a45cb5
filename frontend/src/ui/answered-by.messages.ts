/** By the values of `X-Db-Route` and `X-Db-Route-Reason`; a value that is not here is shown as it came. */
export const answeredByMessages: {
  asOf: string;
  ago: string;
  from: string;
  ageUnknown: string;
  servers: Record<string, string>;
  reasons: Record<string, string>;
} = {
  asOf: 'As of',
  ago: 'ago',
  from: 'from the',
  ageUnknown: 'Of unknown age',
  servers: { follower: 'follower', primary: 'primary' },
  reasons: {
    ok: '',
    preference: 'as asked for',
    transaction: 'part of a transaction',
    stale: 'the follower is too far behind',
    retry: 'the follower failed on it',
    'token-ahead': 'the follower has not caught up with your last change',
    'follower-absent': 'there is no follower',
    'follower-open': 'the follower is unreachable',
    'follower-ramp': 'the follower has just come back',
    'follower-drained': 'the follower was taken out of use',
    'follower-role-changed': 'the follower is no longer a copy of this primary',
    'conflict-retry': 'the follower was applying changes to the same rows',
    'schema-behind': 'the follower has not got the latest schema',
  },
};
