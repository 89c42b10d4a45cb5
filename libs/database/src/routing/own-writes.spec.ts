import { expect, test } from 'vitest';
import type { WalPosition } from '../positions/consistency-token.js';
import { OwnWrites } from './own-writes.service.js';

const at = (lsn: bigint): WalPosition => ({ systemId: '7400000000000000001', timeline: 1, lsn });

test('the latest write of each organization is remembered, and nobody else’s', () => {
  const writes = new OwnWrites();
  writes.note(1, at(5n));
  writes.note(2, at(6n));
  writes.note(1, at(9n));
  writes.note(1, undefined);
  expect([writes.of(1), writes.of(2), writes.of(3), writes.of(undefined)]).toEqual([
    at(9n),
    at(6n),
    undefined,
    undefined,
  ]);
});

test('ten thousand organizations are remembered, those that wrote last', () => {
  const writes = new OwnWrites();
  for (let organization = 1; organization <= 10_000; organization += 1) writes.note(organization, at(1n));
  writes.note(1, at(2n));
  writes.note(10_001, at(3n));
  expect([writes.of(1), writes.of(2), writes.of(3), writes.of(10_001)]).toEqual([at(2n), undefined, at(1n), at(3n)]);
});
