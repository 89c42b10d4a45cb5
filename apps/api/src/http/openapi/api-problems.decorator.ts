import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { ProblemResponse } from '../dto/problem.response.js';
import { ApiResponse } from './openapi.decorators.js';

const BAD_REQUEST = 400;
const UNAUTHORIZED = 401;
const SERVER_BUSY = 503;

/**
 * Documents the errors of a route. Every route can also answer 503 while the database is away, and every one that needs a
 * sign-in 400 to a malformed consistency token.
 */
export function ApiProblems(...statuses: number[]): MethodDecorator {
  const always = statuses.includes(UNAUTHORIZED) ? [BAD_REQUEST, SERVER_BUSY] : [SERVER_BUSY];
  return applyDecorators(
    ...[...new Set([...statuses, ...always])]
      .sort()
      .map((status) => ApiResponse({ status, type: ProblemResponse, description: STATUS_CODES[status] })),
  );
}
