import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatToken, isSameHistory, laterOf, parseToken, type WalPosition } from './consistency-token.js';

const SYSTEM = '7400000000000000001';
const POSITION: WalPosition = { systemId: SYSTEM, timeline: 1, lsn: 0x3000148n };
const REFUSED = expect.objectContaining({ code: 'invalid_consistency_token' });

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
// Any code points. fast-check's own unit 'binary' builds a table of them all first, for seconds.
const character = fc.nat({ max: 0x10ffff }).map((point) => String.fromCodePoint(point));
const positions = fc.record({
  systemId: uint64.map(String),
  timeline: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  lsn: uint64,
});

describe('a consistency token', () => {
  test('looks as documented', () => {
    expect(formatToken(POSITION)).toBe(`v1.${SYSTEM}.1.0/3000148`);
  });

  test('comes back as the position it was made of, and can stand in a header', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const token = formatToken(position);
        expect(token).toMatch(/^[\w./]+$/);
        expect(parseToken(token)).toEqual(position);
      }),
    );
  });

  test('is read at its largest', () => {
    const token = 'v1.18446744073709551615.4294967295.FFFFFFFF/FFFFFFFF';
    expect(formatToken(parseToken(token))).toBe(token);
  });

  test('is of the same server with and without leading zeros or capitals', () => {
    expect(parseToken(`v1.0${SYSTEM}.01.0/3000aBc`)).toEqual(parseToken(`v1.${SYSTEM}.1.0/3000ABC`));
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['another version', `v2.${SYSTEM}.1.0/1`],
    ['a capital version', `V1.${SYSTEM}.1.0/1`],
    ['a part less', `v1.${SYSTEM}.0/1`],
    ['a part more', `v1.${SYSTEM}.1.0/1.1`],
    ['no system', 'v1..1.0/1'],
    ['a system in letters', 'v1.abc.1.0/1'],
    ['a negative system', 'v1.-1.1.0/1'],
    ['a system beyond 64 bits', 'v1.18446744073709551616.1.0/1'],
    ['a system of 21 digits', 'v1.000000000000000000001.1.0/1'],
    ['timeline 0', `v1.${SYSTEM}.0.0/1`],
    ['a timeline beyond 32 bits', `v1.${SYSTEM}.4294967296.0/1`],
    ['a timeline of 11 digits', `v1.${SYSTEM}.00000000001.0/1`],
    ['a position without its slash', `v1.${SYSTEM}.1.01`],
    ['a position of nine digits', `v1.${SYSTEM}.1.0/123456789`],
    ['a position not hexadecimal', `v1.${SYSTEM}.1.0/G`],
    ['a blank before', ` v1.${SYSTEM}.1.0/1`],
    ['a line end behind', `v1.${SYSTEM}.1.0/1\n`],
    ['two tokens', `v1.${SYSTEM}.1.0/1, v1.${SYSTEM}.1.0/2`],
    ['digits of another script', 'v1.٣.1.0/1'],
    ['a very long text', `v1.${'9'.repeat(100_000)}.1.0/1`],
  ])('is refused with %s', (_case, text) => {
    expect(() => parseToken(text)).toThrow(REFUSED);
  });

  test('any other text is refused, and nothing but that happens', () => {
    const almost = fc
      .tuple(positions.map(formatToken), fc.nat({ max: 60 }), fc.string({ unit: character, maxLength: 2 }))
      .map(([token, at, change]) => token.slice(0, at) + change + token.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(almost, fc.string({ unit: character })), (text) => {
        let position: WalPosition;
        try {
          position = parseToken(text);
        } catch (error) {
          expect(error).toEqual(REFUSED);
          return;
        }
        expect(parseToken(formatToken(position))).toEqual(position);
      }),
    );
  });
});

describe('two positions', () => {
  test('are of the same history when system and timeline are', () => {
    expect(isSameHistory(POSITION, { ...POSITION, lsn: 1n })).toBe(true);
    expect(isSameHistory(POSITION, { ...POSITION, timeline: 2 })).toBe(false);
    expect(isSameHistory(POSITION, { ...POSITION, systemId: '7400000000000000002' })).toBe(false);
  });

  test('the later one is at or beyond both, whichever comes first', () => {
    fc.assert(
      fc.property(positions, uint64, (a, lsn) => {
        const b = { ...a, lsn };
        const later = laterOf(a, b);
        expect(later).toEqual(laterOf(b, a));
        expect([a.lsn, lsn]).toContain(later.lsn);
        expect(later.lsn >= a.lsn && later.lsn >= lsn).toBe(true);
      }),
    );
  });

  test('neither of two histories is later', () => {
    expect(() => laterOf(POSITION, { ...POSITION, timeline: 2 })).toThrow(RangeError);
  });
});
