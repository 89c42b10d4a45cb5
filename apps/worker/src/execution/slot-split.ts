import type { QueueName } from '@app/jobs';

/** Parts of ten of a worker's slots. */
const WEIGHTS = { critical: 6, low: 1 } as const;
const WHOLE = 10;

/** Gives each queue its share of the slots, six to three to one, and at least one; the three add up to `slots`. */
export function splitSlots(slots: number): Record<QueueName, number> {
  const low = Math.max(1, Math.round((slots * WEIGHTS.low) / WHOLE));
  const critical = Math.min(Math.max(1, Math.round((slots * WEIGHTS.critical) / WHOLE)), slots - low - 1);
  return { critical, default: slots - critical - low, low };
}
