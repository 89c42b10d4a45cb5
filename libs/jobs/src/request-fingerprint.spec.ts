import { expect, test } from 'vitest';
import { requestFingerprint } from './request-fingerprint.js';

test('the order of keys makes no difference to a fingerprint, everything else does', () => {
  const one = requestFingerprint({ type: 'x', filter: { a: 1, b: [1, 2] } });

  expect(requestFingerprint({ filter: { b: [1, 2], a: 1 }, type: 'x' })).toBe(one);
  for (const other of [
    { type: 'x', filter: { a: 1, b: [2, 1] } },
    { type: 'x', filter: { a: '1', b: [1, 2] } },
    { type: 'x', filter: { a: 1, b: [1, 2], c: null } },
    undefined,
  ]) {
    expect(requestFingerprint(other)).not.toBe(one);
  }
});
