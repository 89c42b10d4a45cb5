import type { ListFilters } from './list-request.js';

/** Puts a value into a statement, as a parameter or a literal, with its SQL type. */
export type BindValue = (value: string | number, type: string) => string;

/** The conditions of all filters but `q`, whose columns the listing knows. */
export function filterConditions(filters: ListFilters, bind: BindValue): string[] {
  const conditions: string[] = [];
  const { status, customerId, createdAfter, createdBefore } = filters;
  // Times are compared with the column's own type, so that its index serves the range.
  const utc = (time: string) => `(${bind(time, 'timestamptz')} AT TIME ZONE 'UTC')`;
  if (status !== undefined) conditions.push(`status = ${bind(status, 'text')}`);
  if (customerId !== undefined) conditions.push(`customer_id = ${bind(customerId, 'bigint')}`);
  if (createdAfter !== undefined) conditions.push(`created_at > ${utc(createdAfter)}`);
  if (createdBefore !== undefined) conditions.push(`created_at < ${utc(createdBefore)}`);
  return conditions;
}

const ANYWHERE_FROM = 3;

/** A LIKE pattern for what was typed: anywhere from three characters (code points) on, at the beginning below. */
export function likePattern(q: string): string {
  const escaped = q.replace(/[\\%_]/g, '\\$&');
  return [...q].length >= ANYWHERE_FROM ? `%${escaped}%` : `${escaped}%`;
}
