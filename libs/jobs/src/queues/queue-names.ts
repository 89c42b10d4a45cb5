/** The queues, most urgent first. */
export const QUEUE_NAMES = ['critical', 'default', 'low'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];
