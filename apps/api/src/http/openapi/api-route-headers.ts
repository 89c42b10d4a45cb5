import type { ApiResponseOptions } from '@nestjs/swagger';

type HeaderDocs = NonNullable<ApiResponseOptions['headers']>;

const REASONS = [
  'ok',
  'preference',
  'transaction',
  'token-ahead',
  'follower-absent',
  'follower-open',
  'follower-role-changed',
  'retry',
  'conflict-retry',
  'schema-behind',
];

/** Documents which database answered; on everything that may come from a follower. */
export const ROUTE_HEADERS: HeaderDocs = {
  'X-Db-Route': { description: 'The server that answered', schema: { type: 'string', enum: ['follower', 'primary'] } },
  'X-Db-Route-Reason': {
    description: 'Why it did: `ok` is the follower as wanted; the others name why the primary answered',
    schema: { type: 'string', enum: REASONS },
  },
};
