import { DomainError } from '@app/errors';
import { describe, expect, test } from 'vitest';
import { mapColumns } from './column-map.js';
import { HeaderReader, MAX_COLUMNS, MAX_HEADER_BYTES } from './header-reader.js';

function faultsOf(work: () => unknown): [string, string][] {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.fields.map(({ field, code }) => [field, code]);
  }
  return [];
}

/** What is read of bytes that come in pieces of this size; null when more are waited for. */
function readHeader(bytes: Buffer, isEnd: boolean, piece = bytes.length || 1) {
  const reader = new HeaderReader();
  for (let at = 0; at < bytes.length; at += piece) {
    const header = reader.read(bytes.subarray(at, at + piece));
    if (header !== null) return header;
  }
  return isEnd ? reader.end() : null;
}

describe('columns are found by name', () => {
  test('in any order, with unknown ones between, whatever their case and the spaces around them', () => {
    expect(mapColumns(['Notes', ' E-Mail', ' EMAIL ', 'Name', ''], 'customers', 'insert')).toEqual({
      name: 3,
      email: 2,
    });
    expect(mapColumns(['status', 'name', 'Customer_Email'], 'accounts', 'insert')).toEqual({
      status: 0,
      name: 1,
      customer_email: 2,
    });
  });

  test('and accounts that are matched by id need no customer', () => {
    expect(mapColumns(['id', 'name', 'status'], 'accounts', 'upsert')).toEqual({ id: 0, name: 1, status: 2 });
  });

  test.each([
    [['name'], 'customers', 'insert', [['email', 'missing']]],
    [
      ['a', 'b'],
      'customers',
      'insert',
      [
        ['name', 'missing'],
        ['email', 'missing'],
      ],
    ],
    [['name', 'email', 'Email '], 'customers', 'upsert', [['email', 'duplicate']]],
    [['name', 'status'], 'accounts', 'insert', [['customer_id', 'missing']]],
    [['id', 'name', 'status'], 'accounts', 'insert', [['customer_id', 'missing']]],
    [['customer_id', 'name', 'status'], 'accounts', 'upsert', [['id', 'missing']]],
    [['customer_id', 'customer_email', 'name', 'status'], 'accounts', 'insert', [['customer_email', 'ambiguous']]],
    [['x', 'x', 'name', 'email'], 'customers', 'insert', []],
  ] as const)('%j of %s (%s) gives %j', (header, entity, mode, faults) => {
    expect(faultsOf(() => mapColumns(header, entity, mode))).toEqual(faults);
  });

  test('a file with semicolons is told so', () => {
    expect(() => mapColumns(['name;email'], 'customers', 'insert')).toThrow(/separated by commas/);
  });
});

describe('the first line', () => {
  test.each([1, 2, 3, 100])(
    'ends where the first record begins, with a byte order mark, empty lines and quoted line breaks before it (in pieces of %i)',
    (piece) => {
      expect(readHeader(Buffer.from('\ufeff\r\n"a\nb",c\r\nd,e'), false, piece)).toEqual({
        names: ['a\nb', 'c'],
        end: { offset: 14, line: 4 },
      });
    },
  );

  test('is waited for', () => {
    expect(readHeader(Buffer.from('name,em'), false)).toBeNull();
    expect(readHeader(Buffer.from('name,em'), true)?.names).toEqual(['name', 'em']);
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a byte order mark alone', Buffer.from('\ufeff'), 'empty'],
    ['UTF-16', Buffer.from('\ufeffname,email\n', 'utf16le'), 'nul_character'],
    ['Latin-1', Buffer.from('prénom,email\n', 'latin1'), 'invalid_utf8'],
    ['a broken quote', Buffer.from('na"me,email\n'), 'quote_misplaced'],
    ['an endless line', Buffer.alloc(70_000, 'x'), 'line_too_long'],
    ['endless empty lines', Buffer.alloc(70_000, '\n'), 'line_too_long'],
    ['a name behind too many empty lines', Buffer.from(`${'\r\n'.repeat(40_000)}name,email\n`), 'line_too_long'],
    ['too many columns', Buffer.from(`name,email${','.repeat(MAX_COLUMNS - 1)}\n`), 'too_many_columns'],
  ])('of %s is refused', (_what, bytes, code) => {
    expect(faultsOf(() => readHeader(bytes, bytes.length < 1_000))).toEqual([['file', code]]);
    expect(faultsOf(() => readHeader(bytes, bytes.length < 1_000, 1_000))).toEqual([['file', code]]);
  });

  test('of as many bytes and columns as may be is taken', () => {
    const names = `name,email${',x'.repeat(MAX_COLUMNS - 2)}`;
    const bytes = Buffer.from(`${'\n'.repeat(MAX_HEADER_BYTES - names.length - 1)}${names}\n`);
    expect(readHeader(bytes, false, 1_000)?.names).toHaveLength(MAX_COLUMNS);
  });

  test('that does not come is given up within the limit, without reading anything twice', () => {
    const reader = new HeaderReader();
    const empty = Buffer.from('\n');
    const startedAt = performance.now();
    const read = () => {
      for (let count = 0; ; count += 1) if (count > MAX_HEADER_BYTES || reader.read(empty) !== null) return count;
    };
    expect(faultsOf(read)).toEqual([['file', 'line_too_long']]);
    // Read anew for each byte, they take minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
