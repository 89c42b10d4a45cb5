import { describe, expect, test } from 'vitest';
import type { BindValue } from './filter-conditions.js';
import { conditionsBeyond, type Position, type SortOrder } from './keyset.js';

const NAME_UP: SortOrder = { column: 'name', type: 'text', isAscending: true };
const NAME_DOWN: SortOrder = { ...NAME_UP, isAscending: false };
const TIME_UP: SortOrder = { column: 'created_at', type: 'timestamp', isAscending: true };
const TIME_DOWN: SortOrder = { ...TIME_UP, isAscending: false };

function beyond(order: SortOrder, position?: Partial<Position>) {
  const values: (string | number)[] = [];
  const bind: BindValue = (value, type) => `$${values.push(value)}::${type}`;
  const whole = position && { isForward: true, key: 'm', id: 5, ...position };
  return { conditions: conditionsBeyond(order, whole, bind), values };
}

describe('the rows beyond a position', () => {
  test('are all of them without a position', () => {
    expect(beyond(NAME_UP)).toEqual({ conditions: ['true'], values: [] });
  });

  test('of equal keys are told apart by id, in the same direction', () => {
    expect(beyond(TIME_UP, { key: '2026-11-22' }).conditions).toEqual([
      '(created_at, id) > ($2::timestamp, $1::bigint)',
    ]);
    expect(beyond(TIME_DOWN, { key: '2026-11-22' })).toEqual({
      conditions: ['(created_at, id) < ($2::timestamp, $1::bigint)'],
      values: [5, '2026-11-22'],
    });
  });

  test('of an ascending text end with the rows that have none', () => {
    expect(beyond(NAME_UP, {}).conditions).toEqual(['(name, id) > ($2::text, $1::bigint)', 'name IS NULL']);
  });

  test('of a descending text leave out the rows that have none: those came first', () => {
    expect(beyond(NAME_DOWN, {}).conditions).toEqual(['(name, id) < ($2::text, $1::bigint)']);
  });

  test('of the last row without a text are only further ones without, ascending', () => {
    expect(beyond(NAME_UP, { key: null })).toEqual({
      conditions: ['(name IS NULL AND id > $1::bigint)'],
      values: [5],
    });
  });

  test('of a row without a text go on to those with one, descending', () => {
    expect(beyond(NAME_DOWN, { key: null }).conditions).toEqual([
      '(name IS NULL AND id < $1::bigint)',
      'name IS NOT NULL',
    ]);
  });

  test('the empty text is a key, not an absence', () => {
    expect(beyond(NAME_UP, { key: '' }).values).toEqual([5, '']);
  });

  test('keys never come into the text of the statement', () => {
    const key = "'; DROP TABLE customers --";
    expect(beyond(NAME_UP, { key }).conditions.join()).not.toContain(key);
  });
});
