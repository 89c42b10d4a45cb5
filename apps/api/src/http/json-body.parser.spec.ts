import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStorableText, parseBody } from './json-body.parser.js';

const MALFORMED = expect.objectContaining({ code: 'malformed_body' });

function parse(text: string): unknown {
  return parseBody(Buffer.from(text));
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
}

describe('parseBody', () => {
  test('takes any storable JSON object as it is, escaped or not', () => {
    const unit = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__' && !text.includes('\0'));
    fc.assert(
      fc.property(fc.dictionary(unit, fc.oneof(unit, fc.integer(), fc.boolean(), fc.constant(null))), (body) => {
        const plain = JSON.stringify(body);
        const escaped = plain.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
        expect(JSON.stringify(parse(plain))).toBe(plain);
        expect(JSON.stringify(parse(escaped))).toBe(plain);
      }),
    );
  });

  test.each(['', ' \r\n\t', '\uFEFF'])('takes %j for no body', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  test('takes an object after a byte order mark', () => {
    expect(parse('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  test.each(['{', '{"a":1,}', '{} {}', "{'a':1}", '{"a":NaN}', '\uFEFF\uFEFF{}', '{"a":"\0"}'])(
    'refuses %j, no JSON',
    (text) => {
      expect(() => parse(text)).toThrow('The body is not valid JSON');
    },
  );

  test.each(['null', '[]', '[{}]', '"text"', '0', 'true'])('refuses %s, JSON but no object', (text) => {
    expect(() => parse(text)).toThrow('The body must be a JSON object');
  });

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character that is cut off', [0xf0, 0x9f, 0x98]],
    ['Latin-1', [0xe9]],
  ])('refuses %s: decoding would store another character', (_case, bytes) => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(() => parseBody(body)).toThrow('The body is not valid UTF-8');
  });

  test.each([
    '{"a":"\\u0000"}',
    '{"a":"\\ud83d"}',
    '{"a":"\\uDE00"}',
    '{"a":["\\uDE00\\uD83D"]}',
    '{"a":{"b":"x\\uD83Dx"}}',
  ])('refuses %s, which the database cannot keep', (text) => {
    expect(() => parse(text)).toThrow(MALFORMED);
  });

  test('takes whole surrogate pairs that are escaped, and a backslash before what looks like an escape', () => {
    expect(parse('{"a":"\\uD83D\\uDE00","b":"\\\\u0000"}')).toEqual({ a: '😀', b: '\\u0000' });
  });

  test.each(['{"__proto__":{"isAdmin":true}}', '{"a":{"__proto__":1}}', '{"a":[{"\\u005f_proto__":1}]}'])(
    'refuses %s, whose key would reach a prototype',
    (text) => {
      expect(() => parse(text)).toThrow('The body has a key that is not allowed');
    },
  );

  test('takes 32 levels and refuses one more, be they objects or arrays', () => {
    expect(parse(nested(32))).toBeTypeOf('object');
    expect(() => parse(nested(33))).toThrow('nested deeper than 32');
    expect(() => parse(`{"a":${'['.repeat(33)}1${']'.repeat(33)}}`)).toThrow('nested deeper than 32');
  });

  test('refuses the deepest nesting that fits into a body without losing its stack', () => {
    expect(() => parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toThrow(MALFORMED);
  });
});

describe('isStorableText', () => {
  test.each([
    ['', true],
    ['😀 é \u0001 \uFFFF', true],
    ['a\0', false],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
  ])('%j: %s', (text, expected) => {
    expect(isStorableText(text)).toBe(expected);
  });
});
