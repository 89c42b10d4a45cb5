import { applyDecorators, type Type } from '@nestjs/common';
import type { ListRules } from '../listing/parse-list-query.js';
import { ApiProblems } from './api-problems.decorator.js';
import { ApiReadDemand, ROUTE_HEADERS } from './api-route-headers.js';
import {
  ApiExtraModels,
  ApiHeader,
  ApiProduces,
  ApiQuery,
  ApiResponse,
  schemaReference,
} from './openapi.decorators.js';

const HEADERS = {
  ...ROUTE_HEADERS,
  Link: { description: '`first`, `prev` and `next` page; with `limit` or `cursor` only', schema: { type: 'string' } },
  'X-Total-Count': { description: 'With `Prefer: count=exact` only', schema: { type: 'integer' } },
} as const;

/** Documents what every list takes and answers. */
export function ApiList(item: Type, options: Pick<ListRules, 'sorts' | 'filters'>) {
  const filterDocs = {
    status: ApiQuery({ name: 'status', required: false, description: 'Only this status', schema: { type: 'string' } }),
    customer_id: ApiQuery({
      name: 'customer_id',
      required: false,
      description: 'Only of this customer',
      schema: { type: 'integer' },
    }),
  };
  const text = { schema: { type: 'string' as const } };
  return applyDecorators(
    ApiExtraModels(item),
    ApiQuery({
      name: 'limit',
      required: false,
      description: 'Rows a page. Without `limit` and `cursor` the whole list is streamed.',
      schema: { type: 'integer', minimum: 1, maximum: 200 },
    }),
    ApiQuery({
      name: 'cursor',
      required: false,
      description: 'From a `Link` header, with the same sort and filters',
      ...text,
    }),
    ApiQuery({
      name: 'q',
      required: false,
      description: 'Three or more characters match anywhere, one or two at the beginning; case does not matter',
      ...text,
    }),
    ...options.filters.map((filter) => filterDocs[filter]),
    ApiQuery({
      name: 'created_after',
      required: false,
      description: 'RFC 3339, exclusive',
      schema: { type: 'string', format: 'date-time' },
    }),
    ApiQuery({
      name: 'created_before',
      required: false,
      description: 'RFC 3339, exclusive',
      schema: { type: 'string', format: 'date-time' },
    }),
    ApiQuery({
      name: 'sort',
      required: false,
      schema: { type: 'string', enum: options.sorts, default: '-created_at' },
    }),
    ApiHeader({ name: 'Prefer', required: false, description: '`count=exact` adds `X-Total-Count`' }),
    ApiReadDemand(),
    ApiProduces('application/json', 'application/x-ndjson', 'text/csv'),
    ApiResponse({
      status: 200,
      description: 'The rows, newest first unless sorted otherwise',
      headers: HEADERS,
      content: {
        'application/json': { schema: { type: 'array', items: schemaReference(item) } },
        'application/x-ndjson': { schema: { type: 'string', description: 'One object a line' } },
        'text/csv': { schema: { type: 'string', description: 'With a header line' } },
      },
    }),
    ApiProblems(400, 401, 406),
  );
}
