import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error';
import { retryDelay, shouldRetry } from './query-client';

describe('reading again after a failure', () => {
  const busy = new ApiError('', { status: 503, retryAfterMs: 1_500 });

  it('happens twice where the failure may pass, and never for a refusal', () => {
    expect([0, 1, 2].map((failures) => shouldRetry(failures, busy))).toEqual([true, true, false]);
    expect(shouldRetry(0, new ApiError('', { status: 404 }))).toBe(false);
    expect(shouldRetry(0, new Error('a bug'))).toBe(false);
  });

  it('waits as long as the API asks for, within reason', () => {
    expect(retryDelay(0, busy)).toBe(1_500);
    expect(retryDelay(0, new ApiError('', { status: 503, retryAfterMs: 600_000 }))).toBe(5_000);
    expect([0, 1].map((failures) => retryDelay(failures, new ApiError('')))).toEqual([1_000, 2_000]);
  });
});
