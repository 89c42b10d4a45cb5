import { describe, expect, test } from 'vitest';
import { type ListRules, parseFilters, parseListQuery } from './parse-list-query.js';

const RULES: ListRules = {
  sorts: ['created_at', '-created_at', 'name', '-name'],
  filters: ['status', 'customer_id'],
  columns: ['id', 'name'],
};

function refusal(field: string) {
  return expect.objectContaining({ code: 'validation_failed', fields: [expect.objectContaining({ field })] });
}

describe('parseListQuery', () => {
  test('asks for the whole list, newest first, where nothing is said', () => {
    expect(parseListQuery({}, RULES)).toEqual({ isPaged: false, request: { sort: '-created_at', filters: {} } });
  });

  test('takes empty values for absent ones and ignores parameters that it does not know', () => {
    const query = { q: '', sort: '', limit: '', cursor: '', status: '', created_after: '', page: ['1', '2'] };
    expect(parseListQuery(query, RULES)).toEqual(parseListQuery({}, RULES));
  });

  test('makes pages of fifty where a cursor comes without a limit', () => {
    expect(parseListQuery({ cursor: 'c' }, RULES)).toMatchObject({
      isPaged: true,
      request: { cursor: 'c', limit: 50 },
    });
    expect(parseListQuery({ limit: '7' }, RULES)).toMatchObject({ isPaged: true, request: { limit: 7 } });
  });

  test.each(['1', '200', '007'])('the limit %s is one', (limit) => {
    expect(parseListQuery({ limit }, RULES).request.limit).toBe(Number(limit));
  });

  test.each(['0', '201', '-1', '1.5', '1e2', ' 1', '٥', 'NaN', '99999999999999999999'])(
    'the limit %j is refused',
    (limit) => {
      expect(() => parseListQuery({ limit }, RULES)).toThrow(refusal('limit'));
    },
  );

  test.each(['1', '9007199254740991'])('the customer %s is one', (id) => {
    expect(parseListQuery({ customer_id: id }, RULES).request.filters.customerId).toBe(Number(id));
  });

  test.each(['0', '-1', '9007199254740992', '9'.repeat(30), 'x'])('the customer %s is refused', (id) => {
    expect(() => parseListQuery({ customer_id: id }, RULES)).toThrow(refusal('customer_id'));
  });

  test('filters that the list does not have are ignored, however they look', () => {
    const rules = { ...RULES, filters: [] };
    const { filters } = parseListQuery({ status: ['a', 'b'], customer_id: 'x' }, rules).request;
    expect(filters).toEqual({});
  });

  test.each(['id', '--name', 'Name', 'constructor', 'name '])('the sort %j is refused', (sort) => {
    expect(() => parseListQuery({ sort }, RULES)).toThrow(refusal('sort'));
  });

  test.each(['q', 'sort', 'limit', 'cursor', 'status', 'customer_id', 'created_after', 'created_before'])(
    '%s given twice is refused by name',
    (name) => {
      expect(() => parseListQuery({ [name]: ['1', '1'] }, RULES)).toThrow(refusal(name));
    },
  );

  test.each(['a\0b', '\ud83d', 'x\udc00'])('the search %j, which the database cannot keep, is refused', (q) => {
    expect(() => parseListQuery({ q }, RULES)).toThrow(refusal('q'));
  });

  test('a search of blanks is a search', () => {
    expect(parseListQuery({ q: '  ' }, RULES).request.filters.q).toBe('  ');
  });
});

describe('times of a list query', () => {
  test.each([
    ['2026-11-22T09:17:21Z', '2026-11-22T09:17:21Z'],
    ['2026-11-22T09:17:21.479120Z', '2026-11-22T09:17:21.479120Z'],
    ['2026-11-22T09:17+05:45', '2026-11-22T09:17+05:45'],
    ['2026-11-22T09:17:21-15:59', '2026-11-22T09:17:21-15:59'],
    ['2026-11-22', '2026-11-22T00:00:00Z'],
    ['2028-02-29', '2028-02-29T00:00:00Z'],
    ['0001-01-01', '0001-01-01T00:00:00Z'],
    ['9999-12-31', '9999-12-31T00:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseListQuery({ created_before: text }, RULES).request.filters.createdBefore).toBe(expected);
  });

  test.each([
    '2026-02-29',
    '2026-02-30T00:00:00Z',
    '2026-13-01',
    '0000-01-01',
    '2026-11-22T25:00:00Z',
    '2026-11-22T09:17:60Z',
    '2026-11-22T09:17:21',
    '2026-11-22 09:17:21Z',
    '2026-11-22T09:17:21+16:00',
    '2026-11-22T09:17:21+01:60',
    '2026-11-22T09:17:21.0123456789Z',
    '+002026-11-22T09:17:21Z',
    '1763803041',
    'yesterday',
    'infinity',
  ])('%s is refused', (text) => {
    expect(() => parseListQuery({ created_after: text }, RULES)).toThrow(refusal('created_after'));
  });
});

describe('filters in a body', () => {
  test('are those of the list, and a number may be a number', () => {
    expect(parseFilters({ status: 'pending', customer_id: 7, q: 'x', created_after: '2026-01-01' })).toEqual({
      status: 'pending',
      customerId: 7,
      q: 'x',
      createdAfter: '2026-01-01T00:00:00Z',
      createdBefore: undefined,
    });
    expect(Object.values(parseFilters({})).every((value) => value === undefined)).toBe(true);
  });

  test.each([
    [{ stauts: 'pending' }, 'filter'],
    [{ status: '' }, 'status'],
    [{ customer_id: null }, 'customer_id'],
    [{ customer_id: 1.5 }, 'customer_id'],
    [{ q: ['a'] }, 'q'],
    [{ created_before: true }, 'created_before'],
  ])('%j would mean more than was meant and is refused', (filters, field) => {
    expect(() => parseFilters(filters)).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ field })] }),
    );
  });
});
