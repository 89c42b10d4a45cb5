import { describe, expect, test } from 'vitest';
import { splitSlots } from './slot-split.js';

describe('splitSlots', () => {
  test('gives six, three and one of ten', () => {
    expect(splitSlots(10)).toEqual({ critical: 6, default: 3, low: 1 });
  });

  test('gives each queue a slot and no slot away, whatever the number', () => {
    for (let slots = 3; slots <= 1_000; slots += 1) {
      const split = splitSlots(slots);
      expect(Math.min(...Object.values(split)), `of ${slots}`).toBeGreaterThanOrEqual(1);
      expect(split.critical + split.default + split.low).toBe(slots);
    }
  });
});
