import { QUEUE_NAMES, QUEUE_WEIGHTS, type QueueName } from '@app/jobs';

/** Of ten slots, how many each queue must leave to the more urgent ones. */
const KEPT_OF_TEN: Readonly<Record<QueueName, number>> = { critical: 0, default: 1, low: 2 };

/**
 * How many jobs of each queue may be in flight at once, of this many slots: what is slow and not urgent never has all
 * of them, so that something urgent need not wait for its end.
 */
export function capsOf(slots: number): Record<QueueName, number> {
  const cap = (name: QueueName) => Math.max(1, slots - Math.round((slots * KEPT_OF_TEN[name]) / 10));
  return { critical: cap('critical'), default: cap('default'), low: cap('low') };
}

/** As many tickets for each queue as its weight. */
export const TICKETS: readonly QueueName[] = QUEUE_NAMES.flatMap((name) => Array(QUEUE_WEIGHTS[name]).fill(name));
