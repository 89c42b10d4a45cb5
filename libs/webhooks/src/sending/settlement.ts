import { givingUpAfter, MAX_ATTEMPTS, restDelay, retryDelay } from '../deliveries/retry-schedule.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import type { DueDelivery, Settlement } from './sending.repository.js';

type Sent = Pick<DueDelivery, 'attempts' | 'maxAttempts' | 'failures' | 'failingMs' | 'isTest'>;

const GONE = 'The receiver answered 410 Gone';

/**
 * What follows from an attempt. A failed delivery is tried again until its attempts are used up, a refused target at
 * once is the end of it. An endpoint is disabled by 410, and when a delivery is given up while nothing has reached it for days.
 *
 * @param scale of all delays, below 1 for tests.
 */
export function settlementOf(sent: Sent, outcome: AttemptOutcome, scale: number, random = Math.random()): Settlement {
  if (outcome.result === 'delivered') {
    return { state: 'delivered', delayMs: 0, failures: 0, restMs: 0, disabledReason: null };
  }
  const failures = sent.failures + 1;
  const restMs = restDelay(failures, scale, random);
  const round = sent.attempts + 1 - (sent.maxAttempts - MAX_ATTEMPTS);
  const delayMs = outcome.result === 'failed' ? retryDelay(round, scale, random) : undefined;
  if (delayMs !== undefined) return { state: 'pending', delayMs, failures, restMs, disabledReason: null };
  return { state: 'failed', delayMs: 0, failures, restMs, disabledReason: reasonToDisable(sent, outcome, scale) };
}

function reasonToDisable({ failingMs, isTest }: Sent, { result, error }: AttemptOutcome, scale: number): string | null {
  if (result === 'gone') return GONE;
  if (isTest || failingMs < givingUpAfter(scale)) return null;
  return `Nothing could be delivered for days. The last failure: ${error}`;
}
