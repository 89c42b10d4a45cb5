import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BindValue, filterConditions, likePattern } from './filter-conditions.js';
import type { ListFilters } from './list-request.js';

function conditionsOf(filters: ListFilters) {
  const values: (string | number)[] = [];
  const bind: BindValue = (value, type) => `$${values.push(value)}::${type}`;
  return { conditions: filterConditions(filters, bind), values };
}

/** What LIKE matches, after PostgreSQL's documentation: `\` takes the next character as it is. */
function isLike(pattern: string, text: string): boolean {
  const source = pattern.replace(/\\(.)|[%_]|[^\\%_]/gsu, (token, escaped?: string) => {
    if (token === '%') return '.*';
    return token === '_' ? '.' : (escaped ?? token).replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'su').test(text);
}

const TEXT = fc.string({ unit: fc.constantFrom('%', '_', '\\', 'a', 'é', '😀', "'", '\n'), minLength: 1 });

describe('filterConditions', () => {
  test('no filter makes no condition', () => {
    expect(conditionsOf({ q: 'is not its business' })).toEqual({ conditions: [], values: [] });
  });

  test('every filter makes one, with its value never in the text', () => {
    const createdAfter = "2026-01-01'; DROP TABLE customers --";
    expect(conditionsOf({ status: "a'b", customerId: 7, createdAfter, createdBefore: 'later' })).toEqual({
      conditions: [
        'status = $1::text',
        'customer_id = $2::bigint',
        "created_at > ($3::timestamptz AT TIME ZONE 'UTC')",
        "created_at < ($4::timestamptz AT TIME ZONE 'UTC')",
      ],
      values: ["a'b", 7, createdAfter, 'later'],
    });
  });

  test('zero and the empty text are values, not absences', () => {
    expect(conditionsOf({ status: '', customerId: 0 }).values).toEqual(['', 0]);
  });
});

describe('likePattern', () => {
  test.each([
    ['a', 'a%'],
    ['ab', 'ab%'],
    ['abc', '%abc%'],
    ['😀😀', '😀😀%'],
    ['😀😀😀', '%😀😀😀%'],
    ['%', '\\%%'],
    ['a_b', '%a\\_b%'],
    ['\\', '\\\\%'],
  ])('%s is searched as %s', (q, pattern) => {
    expect(likePattern(q)).toBe(pattern);
  });

  test('matches exactly the texts that hold what was typed, or begin with it where it is short', () => {
    fc.assert(
      fc.property(TEXT, fc.oneof(TEXT, fc.constant('')), TEXT, (q, before, other) => {
        const isAnywhere = [...q].length >= 3;
        for (const text of [q, `${q}${other}`, `${before}${q}${other}`, other]) {
          expect(isLike(likePattern(q), text)).toBe(isAnywhere ? text.includes(q) : text.startsWith(q));
        }
      }),
    );
  });
});
