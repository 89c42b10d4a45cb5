/** The queues, most urgent first. */
export const QUEUE_NAMES = ['critical', 'default', 'low'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Each queue's part of ten jobs started, while all have work. */
export const QUEUE_WEIGHTS: Readonly<Record<QueueName, number>> = { critical: 6, default: 3, low: 1 };
