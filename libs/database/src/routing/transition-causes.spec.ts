import { expect, test } from 'vitest';
import { MISS_CAUSES } from '../servers/miss-cause.js';
import type { TransitionCause } from './follower-state.js';
import { causeInWords } from './transition-causes.js';

const CAUSES: TransitionCause[] = [
  ...MISS_CAUSES,
  'seen',
  'recovered',
  'ramped-up',
  'not-in-recovery',
  'other-system',
  'other-timeline',
  'drained',
  'undrained',
];

test('every cause has words of its own, which go on from the name of a follower', () => {
  const words = CAUSES.map(causeInWords);
  expect(new Set(words).size).toBe(CAUSES.length);
  for (const each of words) expect(each).toMatch(/^[a-z][^.]{10,80}$/);
});
