import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { literal } from './literal.js';

/** Reads one literal as PostgreSQL's scanner does; undefined where the text is anything but one literal. */
function read(text: string): string | undefined {
  const escaped = /^ ?E'((?:[^'\\]|''|\\[\\'])*)'$/s.exec(text)?.[1];
  if (escaped !== undefined) return escaped.replace(/''|\\(.)/gs, (_pair, character?: string) => character ?? "'");
  return /^'((?:[^']|'')*)'$/s.exec(text)?.[1]?.replaceAll("''", "'");
}

describe('literal', () => {
  test.each([
    ['', "''"],
    ["o'brien", "'o''brien'"],
    ["'; DROP TABLE customers --", "'''; DROP TABLE customers --'"],
  ])('%s is %s', (value, expected) => {
    expect(literal(value)).toBe(expected);
  });

  test('any text is one literal that reads as the text, with standard strings on or off', () => {
    const unit = fc.oneof(fc.constantFrom("'", '\\', '\n', '$', '"'), fc.string({ unit: 'grapheme', maxLength: 1 }));
    fc.assert(
      fc.property(fc.string({ unit }), (value) => {
        expect(read(literal(value))).toBe(value);
        // Without a backslash the setting standard_conforming_strings makes no difference; with one the E does.
        expect(literal(value).trimStart().startsWith('E')).toBe(value.includes('\\'));
      }),
    );
  });

  test.each([0, -5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('%d is its digits', (value) => {
    expect(literal(value)).toBe(BigInt(value).toString());
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e21])('%d has none', (value) => {
    expect(() => literal(value)).toThrow(TypeError);
  });
});
