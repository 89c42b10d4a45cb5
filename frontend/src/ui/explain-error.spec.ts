import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/api-error';
import { explainError } from './explain-error';

describe('an error in words', () => {
  it('tells a lost primary from a server that does not answer', () => {
    const primary = explainError(new ApiError('x', { status: 503, code: 'primary_unavailable', requestId: 'r' }));
    const nothing = explainError(new ApiError(''));
    expect(primary.title).toMatch(/primary database/);
    expect(primary.requestId).toBe('r');
    expect(nothing.title).toMatch(/does not answer/);
  });

  it('has words for a failure of the server that it does not know', () => {
    expect(explainError(new ApiError('x', { status: 500, code: 'internal_error' })).title).toMatch(/went wrong/);
    expect(explainError(new ApiError('x', { status: 503, code: 'something_new' })).title).toMatch(/just now/);
  });

  it('shows the API’s own message for a refusal that it does not know', () => {
    expect(explainError(new ApiError('No such thing', { status: 400, code: 'odd' })).text).toBe('No such thing');
  });

  it('does not fail on what is no API error', () => {
    expect(explainError(new TypeError('x is not a function'))).toMatchObject({ requestId: '' });
  });
});
