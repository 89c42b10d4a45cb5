import { DomainError } from '@app/errors';
import { describe, expect, test } from 'vitest';
import {
  asPrimaryFailure,
  isConnectionFailure,
  isForeignKeyViolation,
  isSqlError,
  isUniqueViolation,
} from './database-errors.js';

function failure(code: unknown, message = 'something failed'): Error {
  return Object.assign(new Error(message), { code });
}

describe('errors of the database', () => {
  test('are told from other errors by a code that is text', () => {
    expect(isSqlError(failure('23505'))).toBe(true);
    expect([failure(23505), new Error('23505'), { code: '23505' }, null].map(isSqlError)).not.toContain(true);
  });

  test('of uniqueness and of references are two things', () => {
    expect([isUniqueViolation(failure('23505')), isForeignKeyViolation(failure('23505'))]).toEqual([true, false]);
    expect([isUniqueViolation(failure('23503')), isForeignKeyViolation(failure('23503'))]).toEqual([false, true]);
  });
});

describe('a lost connection', () => {
  test.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['57P01', '57P02', '57P03', '53300', '25006', '08000', '08006', '08P01'],
  ])('is known by %s', (code) => {
    expect(isConnectionFailure(failure(code))).toBe(true);
  });

  test.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is known by "%s" where there is no code', (message) => {
    expect(isConnectionFailure(new Error(message))).toBe(true);
  });

  test.each(['22P02', '23505', '42601', '57014', '40001'])(
    'is not %s, even where its text quotes the words of one',
    (code) => {
      expect(isConnectionFailure(failure(code, 'invalid input syntax: "connection terminated"'))).toBe(false);
    },
  );

  test('is no text and no bug of ours', () => {
    expect(isConnectionFailure('ECONNRESET')).toBe(false);
    expect(isConnectionFailure(new TypeError('x is undefined'))).toBe(false);
  });
});

describe('a failure of the primary', () => {
  test.each([
    ['a lost connection', failure('57P01'), 'primary_unavailable', 1],
    ['a statement that took too long', failure('57014'), 'statement_timeout', 5],
  ])(
    '%s is told with a time to ask again, its cause kept for the log alone',
    (_case, cause, code, retryAfterSeconds) => {
      const told = asPrimaryFailure(cause);
      expect(told).toBeInstanceOf(DomainError);
      expect(told).toMatchObject({ code, retryAfterSeconds, cause });
      expect((told as Error).message).not.toContain(cause.message);
    },
  );

  test.each([failure('23505'), new DomainError('email_taken', 'Taken'), 'text', undefined])(
    '%o is handed on as it is',
    (error) => {
      expect(asPrimaryFailure(error)).toBe(error);
    },
  );
});
