import type { QueueFigures } from '../measures/queues.js';
import { LOW_BUSY, SHARE_OFF, verdict } from './requirements.js';
import { table } from './table.js';

const WANTED = { critical: 60, default: 30, low: 10 };

export function printQueues(queues: QueueFigures[]): string {
  const rows = queues.map(({ backend, jobs, shares, jobsPerSecond, lowBusy, wrong }) => {
    const off = Math.max(
      ...Object.entries(WANTED).map(([name, want]) => Math.abs(shares[name as keyof typeof WANTED] - want)),
    );
    return [
      backend,
      String(jobs),
      [shares.critical, shares.default, shares.low].map((share) => share.toFixed(1)).join(' / '),
      verdict(off, SHARE_OFF, 'at most'),
      jobsPerSecond.toFixed(0),
      `${lowBusy.mean.toFixed(1)} (${lowBusy.fewest})`,
      verdict(lowBusy.mean, LOW_BUSY, 'at least'),
      wrong === 0 ? '' : `WRONG ${wrong}`,
    ];
  });
  const head = [
    'queues on',
    'jobs each',
    '% critical / default / low',
    'points off',
    'jobs/s',
    'busy, low alone',
    '',
    '',
  ];
  return table([head, ...rows]);
}
