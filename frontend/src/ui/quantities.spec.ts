import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration } from './quantities';

/** Numbers are written as the machine's language has them. */
const localized = (text: string) => text.replace('.', (1.5).toLocaleString().charAt(1));

describe('a duration in words', () => {
  it.each([
    [0, '0.0 s'],
    [-5, '0.0 s'],
    [3, '0.1 s'],
    [300, '0.3 s'],
    [312, '0.4 s'],
    [9_899, '9.9 s'],
    [9_901, '10 s'],
    [12_000, '12 s'],
    [60_000, '1 min'],
    [243_000, '4 min 3 s'],
    [3_599_999, '59 min 59 s'],
    [3_900_000, '1 h 5 min'],
    [7_200_000, '2 h'],
    [266_400_000, '3 d 2 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(localized(text));
  });
});

describe('a size in words', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [34_400_000, '34 MB'],
    [1_234_567_890, '1.2 GB'],
    [5e14, '500 TB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(localized(text));
  });
});
