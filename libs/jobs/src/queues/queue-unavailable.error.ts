/**
 * The queue can't be reached. The code is the one that BullMQ takes for a lost connection: its workers then wait and
 * try again, where any other error makes them ask again at once, in a tight loop.
 */
export class QueueUnavailableError extends Error {
  readonly code = 'ECONNREFUSED';

  constructor(cause: unknown) {
    super('The queue is not available', { cause });
    this.name = 'QueueUnavailableError';
  }
}
