import { expect, test } from 'vitest';
import { RecentStarts } from './recent-starts.service.js';

test('the last thousand starts are counted by queue', () => {
  const starts = new RecentStarts();
  expect(starts.counts).toEqual({ critical: 0, default: 0, low: 0 });
  for (let start = 0; start < 700; start += 1) starts.add('low');
  for (let start = 0; start < 600; start += 1) starts.add('critical');

  expect(starts.counts).toEqual({ critical: 600, default: 0, low: 400 });
});
