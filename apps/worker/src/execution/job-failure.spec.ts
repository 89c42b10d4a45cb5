import { DomainError } from '@app/errors';
import { InvalidPayloadError } from '@app/jobs';
import { describe, expect, test } from 'vitest';
import { describeFailure, isOutage, isRetryable } from './job-failure.js';
import { UnknownJobTypeError } from './job-processors.service.js';

describe('what becomes of an error in a job', () => {
  test.each([
    ['an error of ours', new DomainError('email_taken', 'Taken'), { code: 'email_taken', message: 'Taken' }],
    ['a payload of another version', new InvalidPayloadError('date'), { code: 'payload_invalid' }],
    ['an unknown type', new UnknownJobTypeError('x'), { code: 'job_type_unknown' }],
    ['a refusal of the database', sqlError('23514', 'new row for relation "t" violates'), { code: 'database_error' }],
    ['a bug', new TypeError('x is undefined at /srv/app.js'), { code: 'job_failed' }],
    ['something thrown that is no error', 'oops', { code: 'job_failed' }],
  ])('%s has a reason that can be shown', (_case, error, reason) => {
    const failure = describeFailure(error);

    expect(failure).toMatchObject(reason);
    expect(failure.message).not.toMatch(/relation|srv|undefined/);
  });

  test('a server that is away is an outage, not the failure of a job', () => {
    expect(isOutage(new DomainError('primary_unavailable', 'Away'))).toBe(true);
    expect(isOutage(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBe(true);
    expect(isOutage(new DomainError('statement_timeout', 'Slow'))).toBe(false);
    expect(isOutage(new Error('bug'))).toBe(false);
  });

  test('all is tried again but what can never work', () => {
    expect(isRetryable(new InvalidPayloadError('date'))).toBe(false);
    expect(isRetryable(new UnknownJobTypeError('x'))).toBe(true);
    expect(isRetryable(new Error('bug'))).toBe(true);
  });
});

function sqlError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
