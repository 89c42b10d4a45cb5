import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { ProblemResponse } from '../dto/problem.response.js';
import { ApiResponse } from './openapi.decorators.js';

const SERVER_BUSY = 503;

/** Documents the errors of a route; every route can also answer 503 while the database is away. */
export function ApiProblems(...statuses: number[]): MethodDecorator {
  return applyDecorators(
    ...[...statuses, SERVER_BUSY].map((status) =>
      ApiResponse({ status, type: ProblemResponse, description: STATUS_CODES[status] }),
    ),
  );
}
