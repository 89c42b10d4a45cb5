import type { Element, Point } from './scrape-history.js';
import { labelKey } from './scrape-history.js';

/**
 * By how much a counter grew in a range, extrapolated to the range's ends as Prometheus does it (`extrapolatedRate` of
 * its promql/functions.go). Undefined for fewer than two points: a counter's first appearance is no growth to Prometheus.
 */
export function increaseOf(points: Point[], from: number, to: number): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 2) return undefined;
  let growth = last.value - first.value;
  for (const [index, { value }] of points.entries()) {
    const before = points[index - 1]?.value ?? 0;
    // Smaller than before: the process was started again and counts from zero.
    if (index > 0 && value < before) growth += before;
  }
  const sampledMs = last.at - first.at;
  const stepMs = sampledMs / (points.length - 1);
  const limitMs = stepMs * 1.1;
  let toStartMs = first.at - from >= limitMs ? stepMs / 2 : first.at - from;
  // A counter can't have been below zero, so it is not extrapolated to before that.
  if (growth > 0 && first.value >= 0) toStartMs = Math.min(toStartMs, sampledMs * (first.value / growth));
  const toEndMs = to - last.at >= limitMs ? stepMs / 2 : to - last.at;
  return growth * ((sampledMs + toStartMs + toEndMs) / sampledMs);
}

/** Functions over the values of one series in a range. */
export const OVER_TIME: Record<string, (values: number[]) => number> = {
  avg_over_time: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max_over_time: (values) => Math.max(...values),
  min_over_time: (values) => Math.min(...values),
};

export const AGGREGATES: Record<string, (values: number[]) => number> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  count: (values) => values.length,
};

/** The quantile of each histogram in a vector of its buckets, interpolated in the bucket as Prometheus does it. */
export function histogramQuantile(quantile: number, buckets: Element[]): Element[] {
  const histograms = new Map<string, { labels: Record<string, string>; bounds: { le: number; count: number }[] }>();
  for (const { labels, value } of buckets) {
    const { le = '', __name__: _, ...rest } = labels;
    const histogram = histograms.get(labelKey(rest)) ?? { labels: rest, bounds: [] };
    histogram.bounds.push({ le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: value });
    histograms.set(labelKey(rest), histogram);
  }
  return [...histograms.values()].map(({ labels, bounds }) => ({ labels, value: quantileOf(quantile, bounds) }));
}

function quantileOf(quantile: number, bounds: { le: number; count: number }[]): number {
  const sorted = bounds.sort((a, b) => a.le - b.le);
  const rank = quantile * (sorted.at(-1)?.count ?? 0);
  if (!(rank > 0)) return Number.NaN;
  const index = sorted.findIndex(({ count }) => count >= rank);
  const { le, count } = sorted[index] ?? { le: Number.NaN, count: 0 };
  const below = sorted[index - 1] ?? { le: 0, count: 0 };
  return le === Number.POSITIVE_INFINITY
    ? below.le
    : below.le + ((le - below.le) * (rank - below.count)) / (count - below.count);
}
