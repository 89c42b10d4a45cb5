import { ROUTE_REASONS } from '@app/database';
import { applyDecorators } from '@nestjs/common';
import type { ApiResponseOptions } from '@nestjs/swagger';
import { ApiHeader } from './openapi.decorators.js';

type HeaderDocs = NonNullable<ApiResponseOptions['headers']>;

/** Documents the token that answers to writes carry. */
export const TOKEN_HEADERS: HeaderDocs = {
  'X-Consistency-Token': {
    description: 'Everything that you have seen so far, this answer included. Send it back and no answer will miss it.',
    schema: { type: 'string', example: 'v1.7402915733025464321.1.0/1A2B3C8' },
  },
  'X-Consistency': {
    description: '`reset`: the token you sent belongs to a time before a promotion; go on with the one of this answer',
    schema: { type: 'string', enum: ['reset'] },
  },
};

/** Documents which database answered a read, why, and how old the answer may be. */
export const ROUTE_HEADERS: HeaderDocs = {
  ...TOKEN_HEADERS,
  'X-Db-Route': { description: 'The server that answered', schema: { type: 'string', enum: ['follower', 'primary'] } },
  'X-Db-Route-Reason': {
    description: 'Why it did: `ok` is the follower as wanted; the others name why the primary answered',
    schema: { type: 'string', enum: [...ROUTE_REASONS] },
  },
  'X-Db-Staleness-Ms': {
    description: 'The answer is at most so many milliseconds old; 0 from the primary, missing where no bound is known',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Db-Degraded': {
    description: 'Only while a database is away that this read would have used',
    schema: { type: 'string', enum: ['primary-down', 'follower-down'] },
  },
  'Server-Timing': {
    description: 'Milliseconds spent on the database, and before that waiting for a follower to catch up',
    schema: { type: 'string', example: 'wait;dur=12.4, db;dur=1.8' },
  },
};

/** Documents what a client may demand of a read. */
export function ApiReadDemand(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'X-Consistency-Token',
      required: false,
      description: 'Of an earlier answer: this one will hold everything that you had seen by then',
      schema: { type: 'string' },
    }),
    ApiHeader({
      name: 'X-Read-Preference',
      required: false,
      description:
        '`primary`, `follower-preferred` or `follower-only`, then after semicolons `max-staleness=` and `wait=` in ' +
        'milliseconds, and `allow-stale`',
      schema: { type: 'string', example: 'follower-preferred; max-staleness=2000; wait=100' },
    }),
  );
}
