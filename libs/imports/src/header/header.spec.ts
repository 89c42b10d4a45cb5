import { DomainError } from '@app/errors';
import { describe, expect, test } from 'vitest';
import { mapColumns } from './column-map.js';
import { readHeader } from './read-header.js';

function faultsOf(work: () => unknown): [string, string][] {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.fields.map(({ field, code }) => [field, code]);
  }
  return [];
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
  test('ends where the first record begins, with a byte order mark, empty lines and quoted line breaks before it', () => {
    expect(readHeader(Buffer.from('\ufeff\r\n"a\nb",c\r\nd,e'), false)).toEqual({
      names: ['a\nb', 'c'],
      end: { offset: 14, line: 4 },
    });
  });

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
  ])('of %s is refused', (_what, bytes, code) => {
    expect(faultsOf(() => readHeader(bytes, bytes.length < 1_000))).toEqual([['file', code]]);
  });
});
