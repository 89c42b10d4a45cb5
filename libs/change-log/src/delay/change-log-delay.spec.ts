import { describe, expect, it } from 'vitest';
import { HorizonWatch } from './change-log-delay.js';

describe('how long the log is held back', () => {
  it('counts from the first look that found the same transaction in the way', () => {
    const watch = new HorizonWatch();
    const held = { horizon: '7', isHeldBack: true };
    expect([100, 600, 2_100].map((at) => watch.note(held, at))).toEqual([0, 500, 2_000]);
  });

  it('begins anew with another transaction, and is nothing while none is in the way', () => {
    const watch = new HorizonWatch();
    watch.note({ horizon: '7', isHeldBack: true }, 0);
    expect(watch.note({ horizon: '8', isHeldBack: true }, 5_000)).toBe(0);
    expect(watch.note({ horizon: '8', isHeldBack: false }, 6_000)).toBe(0);
    expect(watch.note({ horizon: '8', isHeldBack: true }, 7_000)).toBe(0);
  });
});
