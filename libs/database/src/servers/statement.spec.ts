import { describe, expect, test } from 'vitest';
import { statement } from './statement.js';

describe('a named statement', () => {
  test('may be declared twice with one text', () => {
    const first = statement('spec-same', 'SELECT 1');
    expect(statement('spec-same', 'SELECT 1')).toEqual(first);
  });

  test('may not be declared with another text: a connection would run the wrong one', () => {
    statement('spec-other', 'SELECT 1');
    expect(() => statement('spec-other', 'SELECT 2')).toThrow('Two statements are named spec-other');
    expect(statement('spec-other', 'SELECT 1').text).toBe('SELECT 1');
  });
});
