import { describe, expect, test } from 'vitest';
import { givingUpAfter } from '../deliveries/retry-schedule.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import { settlementOf } from './settlement.js';

const fresh = { attempts: 0, maxAttempts: 10, failures: 0, failingMs: 0, isTest: false };
const outcome = (result: AttemptOutcome['result'], error = 'x'): AttemptOutcome => ({
  result,
  status: null,
  error,
  durationMs: 1,
});
const settle = (sent: Partial<typeof fresh>, result: AttemptOutcome['result'], error?: string) =>
  settlementOf({ ...fresh, ...sent }, outcome(result, error), 1, 0.5);

describe('what follows from an attempt', () => {
  test('success ends the delivery and forgets the failures of the endpoint', () => {
    const settlement = settle({ attempts: 4, failures: 7, failingMs: 1e9 }, 'delivered');

    expect(settlement).toEqual({ state: 'delivered', delayMs: 0, failures: 0, restMs: 0, disabledReason: null });
  });

  test('a failure is tried again, the endpoint rests from the third in a row on', () => {
    expect(settle({}, 'failed')).toMatchObject({ state: 'pending', delayMs: 5_000, failures: 1, restMs: 0 });
    expect(settle({ attempts: 1, failures: 2 }, 'failed')).toMatchObject({
      delayMs: 300_000,
      failures: 3,
      restMs: 5_000,
    });
  });

  test('the tenth failure is the last, and the endpoint goes on where others got through', () => {
    const settlement = settle({ attempts: 9, failingMs: 1_000 }, 'failed');

    expect(settlement).toMatchObject({ state: 'failed', disabledReason: null });
  });

  test('the tenth failure disables an endpoint that nothing has reached for days, and says why', () => {
    const failingMs = givingUpAfter();

    const settlement = settle({ attempts: 9, failingMs }, 'failed', 'The connection was refused');

    expect(settlement.disabledReason).toBe(
      'Nothing could be delivered for days. The last failure: The connection was refused',
    );
  });

  test('sent again, a delivery has ten more attempts', () => {
    expect(settle({ attempts: 10, maxAttempts: 20 }, 'failed')).toMatchObject({ state: 'pending', delayMs: 5_000 });
    expect(settle({ attempts: 19, maxAttempts: 20 }, 'failed')).toMatchObject({ state: 'failed' });
  });

  test('a refused target is no use trying again, and says nothing about the receiver', () => {
    expect(settle({}, 'refused')).toMatchObject({ state: 'failed', disabledReason: null });
  });

  test('410 ends delivery and endpoint at once', () => {
    expect(settle({}, 'gone')).toMatchObject({ state: 'failed', disabledReason: 'The receiver answered 410 Gone' });
  });

  test('a test is tried once, and never disables for failing', () => {
    const test = { maxAttempts: 1, isTest: true };

    expect(settle({ ...test, failingMs: 1e12 }, 'failed')).toMatchObject({ state: 'failed', disabledReason: null });
    expect(settle(test, 'gone').disabledReason).not.toBeNull();
  });
});
