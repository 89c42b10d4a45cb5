import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapColumns } from '../header/column-map.js';
import { reportHeader, reportLine } from '../report/report-line.js';
import { parseAccount, parseCustomer } from './import-row.js';

const record = (...cells: string[]) => ({ line: 7, cells, flaw: null });
const customers = mapColumns(['id', 'name', 'email'], 'customers', 'upsert');
const accounts = mapColumns(['id', 'customer_id', 'name', 'status'], 'accounts', 'upsert');
const byEmail = mapColumns(['customer_email', 'name', 'status'], 'accounts', 'insert');

describe('a customer', () => {
  test('is read from its columns, as it stands', () => {
    expect(parseCustomer(record('5', ' Zoë ', 'z@example.com'), customers, 'upsert')).toEqual({
      row: { line: 7, cells: ['5', ' Zoë ', 'z@example.com'], id: 5, name: ' Zoë ', email: 'z@example.com' },
    });
  });

  test('has no id where it is to be inserted', () => {
    expect(parseCustomer(record('x', 'A', 'a@b'), customers, 'insert')).toMatchObject({ row: { id: null } });
  });

  test('is refused with the first field and the messages of all', () => {
    expect(parseCustomer(record('', '', 'a b@c'), customers, 'insert')).toEqual({
      rejected: {
        line: 7,
        cells: ['', '', 'a b@c'],
        field: 'name',
        code: 'length',
        message: 'name is required; email must be an e-mail address of at most 255 characters',
      },
    });
  });
});

describe('an account', () => {
  test.each([
    [['', '12', 'Main', 'active'], { row: { id: null, customerId: 12, customerEmail: null, status: 'active' } }],
    [['3', '', 'Main', 'odd, as adopted'], { row: { id: 3, customerId: null, status: 'odd, as adopted' } }],
    [['', '', 'Main', 'active'], { rejected: { field: 'customer_id', message: 'customer_id is required' } }],
    [['', '1.5', 'Main', 'active'], { rejected: { field: 'customer_id', code: 'int' } }],
    [['', '1', 'Main', 'odd'], { rejected: { field: 'status', code: 'in' } }],
    [['3', '1', 'Main', ''], { rejected: { field: 'status', code: 'in' } }],
    [['99999999999999999', '1', 'Main', 'active'], { rejected: { field: 'id', code: 'int' } }],
  ])('of %j', (cells, expected) => {
    expect(parseAccount(record(...cells), accounts, 'upsert')).toMatchObject(expected);
  });

  test('may name its customer by e-mail address', () => {
    expect(parseAccount(record('a@b', 'Main', 'active'), byEmail, 'insert')).toMatchObject({
      row: { customerEmail: 'a@b' },
    });
    expect(parseAccount(record('', 'Main', 'active'), byEmail, 'insert')).toMatchObject({
      rejected: { field: 'customer_email', message: 'customer_email is required' },
    });
  });
});

describe('the report of rejected lines', () => {
  const rejected = { line: 7, field: 'email', code: 'email', message: 'no, "no"' };

  test('has a cell for each column of the file, however many the line had', () => {
    expect(reportHeader(['name', '=x', 'a,b'])).toBe(`line,field,code,message,name,'=x,"a,b"\n`);
    expect(reportLine({ ...rejected, cells: ['A'] }, 2)).toBe('email,email,"no, ""no""",A,');
    expect(reportLine({ ...rejected, cells: ['A', 'B', 'C'] }, 2)).toBe('email,email,"no, ""no""",A,B');
  });

  test('is CSV that says what the cells said, and nothing in it is a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: 1, maxLength: 6 }), (cells) => {
        const [row = []] = parse(reportLine({ ...rejected, cells }, cells.length)) as string[][];
        const found = row.slice(3);
        expect(found.map((cell) => cell.replace(/^'/, ''))).toEqual(
          cells.map((cell) => cell.replaceAll('\0', '\ufffd').replace(/^'/, '')),
        );
        expect(found.some((cell) => /^[=+@\t\r-]/.test(cell))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('shows the beginning of what is long', () => {
    const line = reportLine({ ...rejected, cells: ['x'.repeat(5_000)] }, 1);
    expect(line.length).toBeLessThan(1_100);
    expect(line.endsWith('…')).toBe(true);
  });
});
