import { describe, expect, test } from 'vitest';
import { EnvironmentReader } from './environment-reader.js';

function reader(X?: string): EnvironmentReader {
  return new EnvironmentReader({ X });
}

describe('EnvironmentReader', () => {
  test.each([undefined, '', '   ', '\t\n'])('takes %j for unset', (value) => {
    const read = reader(value);
    expect(read.text('X')).toBeUndefined();
    expect(read.list('X')).toEqual([]);
    expect(read.integer('X', 7, { min: 1, max: 9 })).toBe(7);
    expect(read.flag('X')).toBe(false);
    expect(read.oneOf('X', ['a', 'b'], 'b')).toBe('b');
    expect(read.problems).toEqual([]);
  });

  test('reads a list without its blanks and empty parts', () => {
    expect(reader(' a , ,b,, c ,').list('X')).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['1', 1],
    ['9', 9],
    [' 5 ', 5],
    ['007', 7],
  ])('reads %j as an integer', (value, expected) => {
    const read = reader(value);
    expect(read.integer('X', 3, { min: 1, max: 9 })).toBe(expected);
    expect(read.problems).toEqual([]);
  });

  test.each(['0', '10', '-1', '+5', '5.0', '1e0', '0x5', '٥', '5 5', '9999999999999', 'NaN'])(
    'refuses %j as an integer from 1 to 9',
    (value) => {
      const read = reader(value);
      expect(read.integer('X', 3, { min: 1, max: 9 })).toBe(3);
      expect(read.problems).toEqual(['X must be an integer from 1 to 9']);
    },
  );

  test.each([
    ...['true', 'TRUE', '1', 'yes', 'on', ' On '].map((value) => [value, true, 0] as const),
    ...['false', 'False', '0', 'no', 'off'].map((value) => [value, false, 0] as const),
    ...['2', 'y', 'enabled', 'tru'].map((value) => [value, false, 1] as const),
  ])('the flag %j is %s, with %i problems', (value, expected, problems) => {
    const read = reader(value);
    expect(read.flag('X')).toBe(expected);
    expect(read.problems).toHaveLength(problems);
  });

  test('takes one of several words only as it is written', () => {
    expect(reader('a').oneOf('X', ['a', 'b'], 'b')).toBe('a');
    const read = reader('A');
    expect(read.oneOf('X', ['a', 'b'], 'b')).toBe('b');
    expect(read.problems).toEqual(['X must be one of a, b']);
  });

  test.each([
    ['postgres://u:p@h:5432/db', 0],
    ['POSTGRESQL://h/db', 0],
    ['postgres:///db?host=/run/postgresql', 0],
    ['postgres:h/db', 1],
    ['postgres://u:p@/db', 1],
    ['postgres://h:port/db', 1],
    ['mysql://h/db', 1],
    ['h/db', 1],
    ['', 1],
  ])('the database URL %j makes %i problems', (url, problems) => {
    const read = reader();
    read.checkUrls('X', ['postgres://h/db', url], ['postgres:', 'postgresql:']);
    expect(read.problems).toEqual(problems ? ['X must be a URL that begins with postgres:// or postgresql://'] : []);
  });

  test('collects every problem in the order in which it was met', () => {
    const read = new EnvironmentReader({ A: 'x', B: 'y' });
    read.flag('B');
    read.integer('A', 1, { min: 1, max: 2 });
    expect(read.problems.map((problem) => problem.split(' ')[0])).toEqual(['B', 'A']);
  });
});
