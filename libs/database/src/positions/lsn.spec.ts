import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLsn, lastRecordEnd, parseLsn } from './lsn.js';

const SEGMENT = 16 * 1024 * 1024;
const lsns = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('a position in the write-ahead log', () => {
  test('comes back as it was printed', () => {
    fc.assert(fc.property(lsns, (lsn) => parseLsn(formatLsn(lsn)) === lsn));
  });

  test.each<[string, bigint, string]>([
    ['0/0', 0n, '0/0'],
    ['0/3000148', 0x3000148n, '0/3000148'],
    ['16/b374d848', 0x16_b374_d848n, '16/B374D848'],
    ['1/0', 0x1_0000_0000n, '1/0'],
    ['00000001/0000000a', 0x1_0000_000an, '1/A'],
    ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n, 'FFFFFFFF/FFFFFFFF'],
  ])('%s is read and printed as PostgreSQL does', (text, lsn, printed) => {
    expect(parseLsn(text)).toBe(lsn);
    expect(formatLsn(lsn)).toBe(printed);
  });

  test.each(['', '/', '0', '0/', '/0', '0/0/0', '0x1/0', '-1/0', '0/G', ' 0/0', '0/0\n', '000000001/0', '0/123456789'])(
    '%j is none',
    (text) => {
      expect(() => parseLsn(text)).toThrow(RangeError);
    },
  );
});

describe('the end of the last record', () => {
  test.each<[string, string, string]>([
    ['behind the header of a segment', '0/5000028', '0/5000000'],
    ['behind the header of a page', '0/5002018', '0/5002000'],
    ['within a page', '0/5002020', '0/5002020'],
    ['where a page begins', '0/5002000', '0/5002000'],
    ['40 bytes into a page that begins no segment', '0/5002028', '0/5002028'],
    ['behind the first header of all', '0/28', '0/0'],
  ])('of an insert position %s', (_case, insert, end) => {
    expect(formatLsn(lastRecordEnd(parseLsn(insert), SEGMENT))).toBe(end);
  });

  test('minds the sizes of the server', () => {
    const behindMebibyte = parseLsn('0/5100028');
    expect(lastRecordEnd(behindMebibyte, SEGMENT)).toBe(behindMebibyte);
    expect(lastRecordEnd(behindMebibyte, 1024 * 1024)).toBe(parseLsn('0/5100000'));
    const behindPage = parseLsn('0/5002018');
    expect(lastRecordEnd(behindPage, SEGMENT, 32_768)).toBe(behindPage);
  });

  test('is where the position is or where its page begins, and stays where it is when asked again', () => {
    // Most positions are far from a page's beginning, so look around those.
    const nearPages = fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 50n }), fc.bigInt({ min: 0n, max: 64n }))
      .map(([page, offset]) => page * 8192n + offset);
    fc.assert(
      fc.property(fc.oneof(nearPages, lsns), (lsn) => {
        const end = lastRecordEnd(lsn, SEGMENT);
        expect([lsn, lsn - (lsn % 8192n)]).toContain(end);
        expect(lastRecordEnd(end, SEGMENT)).toBe(end);
      }),
    );
  });
});
