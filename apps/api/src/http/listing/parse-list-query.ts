import type { ListFilters, PageRequest } from '@app/database';
import { DomainError } from '@app/errors';
import { isStorableText } from '../json-body.parser.js';

export interface ListQuery {
  request: Omit<PageRequest, 'limit'> & { limit: number | undefined };
  /** Whether a page was asked for; the whole list otherwise. */
  isPaged: boolean;
}

export interface ListRules {
  sorts: string[];
  filters: ('status' | 'customer_id')[];
  /** Of the rows as CSV. */
  columns: string[];
}

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
/** With the offsets that PostgreSQL knows: below 16 hours. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-5]):\d{2}))?$/i;

type QueryValues = Record<string, unknown>;

/**
 * Reads a list's query parameters. Unknown ones are ignored; a known one given twice or malformed is refused by name.
 *
 * @throws DomainError `validation_failed`.
 */
export function parseListQuery(query: QueryValues, rules: ListRules): ListQuery {
  const text = (name: string): string | undefined => readText(query, name);
  const sort = text('sort') ?? '-created_at';
  if (!rules.sorts.includes(sort)) throw refuse('sort', `must be one of ${rules.sorts.join(', ')}`);
  const limit = readInteger(text('limit'), 'limit', MAX_LIMIT);
  const cursor = text('cursor');
  const filters = readFilters(query, rules.filters);
  const isPaged = limit !== undefined || cursor !== undefined;
  return { isPaged, request: { sort, filters, cursor, limit: isPaged ? (limit ?? DEFAULT_LIMIT) : undefined } };
}

const FILTERS = ['q', 'status', 'customer_id', 'created_after', 'created_before'];

/**
 * Reads the same filters out of a JSON object, where numbers may be numbers. Stricter than a list, for who is about to
 * change what the filters let through: what is not understood must not widen the selection.
 *
 * @throws DomainError `validation_failed`.
 */
export function parseFilters(filters: object): ListFilters {
  const textual = Object.entries(filters).map(([name, value]) => {
    if (!FILTERS.includes(name)) throw refuse('filter', `may hold ${FILTERS.join(', ')}`);
    if (value === null || value === '') throw refuse(name, 'must not be empty');
    return [name, typeof value === 'number' ? String(value) : value];
  });
  return readFilters(Object.fromEntries(textual), ['status', 'customer_id']);
}

function readFilters(query: QueryValues, names: ListRules['filters']): ListFilters {
  const text = (name: string): string | undefined => readText(query, name);
  const filters: ListFilters = {
    q: text('q'),
    createdAfter: readTime(text('created_after'), 'created_after'),
    createdBefore: readTime(text('created_before'), 'created_before'),
  };
  if (names.includes('status')) filters.status = text('status');
  if (names.includes('customer_id')) {
    filters.customerId = readInteger(text('customer_id'), 'customer_id', Number.MAX_SAFE_INTEGER);
  }
  return filters;
}

function readText(query: QueryValues, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw refuse(name, 'may be given only once');
  if (!isStorableText(value)) throw refuse(name, 'holds a character that is not allowed');
  return value;
}

function readInteger(text: string | undefined, name: string, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) {
    throw refuse(name, max === MAX_LIMIT ? `must be an integer from 1 to ${max}` : 'must be a positive integer');
  }
  return value;
}

function readTime(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (!RFC_3339.test(text) || Number.isNaN(Date.parse(text)) || !isDay(text.slice(0, 10))) {
    throw refuse(name, 'must be a time such as 2026-11-22T09:17:21Z');
  }
  // A date alone means its beginning in UTC, whatever zone the server is in.
  return text.length === 'YYYY-MM-DD'.length ? `${text}T00:00:00Z` : text;
}

/** `Date` takes the 30th of February for the 2nd of March, and knows a year 0, which PostgreSQL does not. */
function isDay(text: string): boolean {
  return text >= '0001' && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

function refuse(field: string, why: string): DomainError {
  const message = `${field} ${why}`;
  return new DomainError('validation_failed', message, { fields: [{ field, code: 'invalid', message }] });
}
