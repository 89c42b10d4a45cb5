import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { ListRequest } from './list-request.js';

const REQUEST: ListRequest = { sort: '-created_at', filters: { q: 'müller', status: 'active' } };
const POSITION = { isForward: true, key: '2026-11-22 09:17:21.47912', id: 42 };
const REFUSED = expect.objectContaining({ code: 'invalid_cursor' });

function altered(change: (parts: unknown[]) => unknown): string {
  const parts = JSON.parse(Buffer.from(encodeCursor(POSITION, 'customers', REQUEST), 'base64url').toString());
  return Buffer.from(JSON.stringify(change(parts))).toString('base64url');
}

// Any code points. fast-check's own unit 'binary' builds a table of them all first, for seconds.
const character = fc.nat({ max: 0x10ffff }).map((point) => String.fromCodePoint(point));

describe('the cursor of a list', () => {
  test('comes back as the position it was made of, whatever text the key is', () => {
    const key = fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')));
    fc.assert(
      fc.property(fc.boolean(), key, fc.maxSafeInteger(), (isForward, text, id) => {
        const position = { isForward, key: text, id };
        const cursor = encodeCursor(position, 'customers', REQUEST);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor, 'customers', REQUEST)).toEqual(position);
      }),
    );
  });

  test.each<[string, string, ListRequest]>([
    ['another list', 'accounts', REQUEST],
    ['another sort', 'customers', { ...REQUEST, sort: 'created_at' }],
    ['another search', 'customers', { ...REQUEST, filters: { ...REQUEST.filters, q: 'Müller' } }],
    ['a filter less', 'customers', { ...REQUEST, filters: { q: 'müller' } }],
    ['a filter more', 'customers', { ...REQUEST, filters: { ...REQUEST.filters, customerId: 1 } }],
    ['a beginning', 'customers', { ...REQUEST, filters: { ...REQUEST.filters, createdAfter: '2026-01-01T00:00:00Z' } }],
    ['an end', 'customers', { ...REQUEST, filters: { ...REQUEST.filters, createdBefore: '2026-01-01T00:00:00Z' } }],
  ])('is refused with %s', (_case, list, request) => {
    const cursor = encodeCursor(POSITION, 'customers', REQUEST);
    expect(() => decodeCursor(cursor, list, request)).toThrow(REFUSED);
  });

  test('the same value under two filters makes two cursors', () => {
    const time = '2026-01-01T00:00:00Z';
    const cursor = encodeCursor(POSITION, 'customers', { sort: 'name', filters: { createdAfter: time } });
    const other: ListRequest = { sort: 'name', filters: { createdBefore: time } };
    expect(() => decodeCursor(cursor, 'customers', other)).toThrow(REFUSED);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('[1,').toString('base64url')],
    ['a JSON text', Buffer.from('"abcde"').toString('base64url')],
    ['null', Buffer.from('null').toString('base64url')],
    ['another version', altered(([, ...rest]) => [2, ...rest])],
    ['a part less', altered((parts) => parts.slice(0, 4))],
    ['a part more', altered((parts) => [...parts, 1])],
    ['a fraction for an id', altered((parts) => [...parts.slice(0, 4), 1.5])],
    ['an id beyond exact numbers', altered((parts) => [...parts.slice(0, 4), 2 ** 53])],
    ['text for an id', altered((parts) => [...parts.slice(0, 4), '1'])],
    ['a number for a key', altered((parts) => [...parts.slice(0, 3), 5, 1])],
    ['a key with NUL', altered((parts) => [...parts.slice(0, 3), 'a\0b', 1])],
    ['a key with half of a surrogate pair', altered((parts) => [...parts.slice(0, 3), 'a\ud83d', 1])],
  ])('%s is refused', (_case, cursor) => {
    expect(() => decodeCursor(cursor, 'customers', REQUEST)).toThrow(REFUSED);
  });

  test('any text at all is refused as a cursor and never another error', () => {
    const codeOf = (cursor: string): unknown => {
      try {
        return decodeCursor(cursor, 'customers', REQUEST);
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    const text = fc.oneof(fc.string({ unit: character, maxLength: 40 }), fc.base64String({ maxLength: 40 }));
    fc.assert(fc.property(text, (cursor) => codeOf(cursor) === 'invalid_cursor'));
  });
});
