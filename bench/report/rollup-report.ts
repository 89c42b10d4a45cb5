import type { RollupFigures } from '../measures/rollups/rollups.js';
import { BULK_OVERHEAD, READ_GROWTH, TO_NAIVE, verdict, WRITE_OVERHEAD } from './requirements.js';
import { table } from './table.js';

export function printRollups({ customers, reads, writes }: RollupFigures): string {
  const rows = reads.map(({ title, target, requestsPerSecond, p50, p99, toEmpty, toNaive }) => [
    title,
    target,
    requestsPerSecond.toFixed(1),
    p50.toFixed(2),
    p99.toFixed(2),
    toEmpty?.toFixed(2) ?? '',
    toEmpty === undefined ? '' : verdict(toEmpty, READ_GROWTH, 'at most'),
    toNaive?.toFixed(0) ?? '',
    toNaive === undefined ? '' : verdict(toNaive, TO_NAIVE, 'at least'),
  ]);
  const heading = [`${customers} customers`, 'database', 'req/s', 'p50 ms', 'p99 ms', '× empty', '', '× naive', ''];
  const costs = writes.map(({ title, withoutMs, withMs, ratio }, index) => [
    title,
    withoutMs.toFixed(2),
    withMs.toFixed(2),
    ratio.toFixed(2),
    verdict(ratio, index === 0 ? WRITE_OVERHEAD : BULK_OVERHEAD, 'at most'),
  ]);
  return `${table([heading, ...rows])}\n\n${table([['writing', 'without ms', 'with triggers ms', 'ratio', ''], ...costs])}`;
}
