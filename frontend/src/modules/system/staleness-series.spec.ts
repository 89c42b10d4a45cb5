import { describe, expect, it } from 'vitest';
import { seriesOf, slotsOf, spanOf, summaryOf } from './staleness-series';

const START = Date.parse('2026-11-22T09:00:00Z');
const sample = (second: number, staleness_ms: number | null, follower = 'follower-1') => ({
  at: new Date(START + second * 1000).toISOString(),
  follower,
  staleness_ms,
});

describe('the samples of each follower', () => {
  it('are told apart and keep their order', () => {
    const series = seriesOf([sample(0, 100), sample(0, 200, 'follower-2'), sample(1, 110)]);
    expect(series.map(({ follower, points }) => [follower, points.map(({ ms }) => ms)])).toEqual([
      ['follower-1', [100, 110]],
      ['follower-2', [200]],
    ]);
  });

  it('have a gap where none was taken', () => {
    const [series] = seriesOf([sample(0, 100), sample(1, 100), sample(30, 100)]);
    expect(series?.points.map(({ ms }) => ms)).toEqual([100, 100, null, 100]);
  });
});

describe('the axis', () => {
  it('goes back in whole minutes, one at least', () => {
    expect(spanOf(seriesOf([sample(0, 1), sample(3, 1)]))).toEqual({ end: START + 3_000, spanMs: 60_000 });
    expect(spanOf(seriesOf([sample(0, 1), sample(60, 1)])).spanMs).toBe(60_000);
    expect(spanOf(seriesOf([sample(0, 1), sample(599, 1)])).spanMs).toBe(600_000);
  });
});

describe('the table', () => {
  it('has the highest bound of each interval, the newest first', () => {
    const rows = slotsOf(seriesOf([sample(28, 100), sample(29, 900), sample(30, 50), sample(31, null)]), 30_000);
    expect(rows).toEqual([
      { start: START + 30_000, slots: [{ highest: 50, isPartlyUnknown: true }] },
      { start: START, slots: [{ highest: 900, isPartlyUnknown: false }] },
    ]);
  });

  it('tells what was not known from what was not measured', () => {
    const rows = slotsOf(seriesOf([sample(0, null), sample(31, 5), sample(31, 7, 'follower-2')]), 30_000);
    expect(rows).toEqual([
      {
        start: START + 30_000,
        slots: [
          { highest: 5, isPartlyUnknown: false },
          { highest: 7, isPartlyUnknown: false },
        ],
      },
      { start: START, slots: [{ highest: null, isPartlyUnknown: true }, null] },
    ]);
  });
});

describe('the summary', () => {
  it('is the newest bound and the highest', () => {
    const [series] = seriesOf([sample(0, 900), sample(1, 100)]);
    expect(series && summaryOf(series)).toEqual({ now: 100, most: 900 });
  });

  it('is nothing where no bound was known', () => {
    const [series] = seriesOf([sample(0, null)]);
    expect(series && summaryOf(series)).toEqual({ now: null, most: null });
  });
});
