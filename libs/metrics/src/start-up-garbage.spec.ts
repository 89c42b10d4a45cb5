import { describe, expect, it } from 'vitest';
import { collectStartUpGarbage } from './start-up-garbage.js';

describe('collectStartUpGarbage', () => {
  it('collects what nothing refers to any more and leaves the rest', async () => {
    const kept = { name: 'kept' };
    const references = [new WeakRef(kept), new WeakRef({ name: 'garbage' })];
    await collectStartUpGarbage();
    expect(references.map((reference) => reference.deref()?.name)).toEqual([kept.name, undefined]);
  });
});
