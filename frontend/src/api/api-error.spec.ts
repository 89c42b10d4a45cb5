import { describe, expect, it } from 'vitest';
import { ApiError, retryAfterMs, toApiError } from './api-error';

const refusal = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

describe('what a failed call says', () => {
  it('takes message, code, request and field messages from the problem body', () => {
    const error = toApiError(refusal(400), {
      error: 'Validation failed',
      code: 'validation_failed',
      request_id: 'r-1',
      errors: [
        { field: 'email', code: 'is_email', message: 'email must be an address' },
        { field: 'email', code: 'max_length', message: 'email is too long' },
      ],
    });
    expect(error).toMatchObject({
      status: 400,
      code: 'validation_failed',
      message: 'Validation failed',
      requestId: 'r-1',
    });
    expect(error.fields).toEqual({ email: 'email must be an address' });
  });

  it('makes do with an answer that is not the API’s', () => {
    const error = toApiError(refusal(502, { 'x-request-id': 'r-2' }), '<html>Bad gateway</html>');
    expect(error).toMatchObject({ status: 502, code: 'http_502', requestId: 'r-2', fields: {} });
    expect(error.message).toContain('502');
  });

  it('ignores field errors that are not in the shape agreed on', () => {
    expect(toApiError(refusal(400), { error: 'No', errors: [null, 'x', { field: 3 }] }).fields).toEqual({});
  });

  it('passes by itself when the server or the way to it fails, not when the call was refused', () => {
    expect(new ApiError('').isPassing).toBe(true);
    expect(toApiError(refusal(503), {}).isPassing).toBe(true);
    expect(toApiError(refusal(429), {}).isPassing).toBe(true);
    expect(toApiError(refusal(409), {}).isPassing).toBe(false);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T09:00:00Z');

  it('is read as seconds and as a date', () => {
    expect(retryAfterMs('2', now)).toBe(2_000);
    expect(retryAfterMs('Sun, 22 Nov 2026 09:00:05 GMT', now)).toBe(5_000);
  });

  it('is never in the past, and nothing where it says nothing', () => {
    expect(retryAfterMs('Sun, 22 Nov 2026 08:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs(null, now)).toBeUndefined();
    expect(retryAfterMs('soon', now)).toBeUndefined();
  });
});
