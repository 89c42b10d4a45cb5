import type { QueueName } from '../queues/queue-names.js';

/** What one worker process tells of itself. */
export interface WorkerReport {
  id: string;
  /** Jobs that it runs at once. */
  slots: number;
  /** Slots in use. */
  busy: number;
  /** Of its last starts, how many were of which queue. */
  started: Record<QueueName, number>;
}
