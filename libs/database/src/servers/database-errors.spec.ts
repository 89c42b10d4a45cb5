import { DomainError } from '@app/errors';
import { describe, expect, test } from 'vitest';
import {
  asPrimaryFailure,
  asReadFailure,
  ConnectionFailedError,
  isAnswer,
  isConnectionFailure,
  isForeignKeyViolation,
  isSqlError,
  isUniqueViolation,
} from './database-errors.js';
import { NotPostgresError } from './vetted-socket.js';

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
    'Socket destroyed by its owner: the server does not answer',
  ])('is known by "%s" where there is no code', (message) => {
    expect(isConnectionFailure(new Error(message))).toBe(true);
  });

  test.each(['FATAL', 'PANIC'])('is known by an error that ends the connection (%s), whatever its code', (severity) => {
    for (const code of ['3D000', '28P01', '57014', 'XX000']) {
      expect(isConnectionFailure(Object.assign(failure(code), { severity }))).toBe(true);
      expect(isConnectionFailure(Object.assign(failure(code), { severity: 'ERROR' }))).toBe(false);
    }
  });

  test('is whatever kept it from being opened', () => {
    for (const cause of [failure('42501'), failure('28P01'), new Error('x'), 'x']) {
      expect(isConnectionFailure(new ConnectionFailedError(cause))).toBe(true);
    }
    const error = new ConnectionFailedError(failure('28P01', 'password authentication failed'));
    expect(error).toMatchObject({ code: '28P01', message: 'password authentication failed' });
  });

  test('is known by what answers without being PostgreSQL', () => {
    expect(isConnectionFailure(new NotPostgresError())).toBe(true);
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

describe('an answer, after which the connection is as good as before,', () => {
  test.each<[string, unknown, boolean]>([
    ['a plain SQL error is one', failure('23505'), true],
    ['a statement that took too long is one', failure('57014'), true],
    ['a recovery conflict is one', failure('40001'), true],
    ['a write that a read-only session refuses is one', failure('25006'), true],
    ['a refusal of ours is one', new DomainError('email_taken', 'Taken'), true],
    ['a refusal in the words of a lost socket is one', new DomainError('email_taken', 'connection terminated'), true],
    ['a shutdown is none', failure('57P01'), false],
    ['an error that ends the connection is none', Object.assign(failure('XX000'), { severity: 'FATAL' }), false],
    ['a reset socket is none', failure('ECONNRESET'), false],
    ['an error without a code is none', new Error('x'), false],
    ['a code that is no SQLSTATE is none', failure('ERR_ASSERTION'), false],
    ['nothing is none', undefined, false],
  ])('%s', (_case, error, expected) => {
    expect(isAnswer(error)).toBe(expected);
  });
});

describe('a failure of a session that is read-only on purpose', () => {
  test('tells a write in it as the mistake that it is, where other sessions take it for a lost primary', () => {
    const error = failure('25006');
    expect(asReadFailure(error)).toBe(error);
    expect(asPrimaryFailure(error)).toMatchObject({ code: 'primary_unavailable' });
  });

  test('tells everything else as others do', () => {
    expect(asReadFailure(failure('57P01'))).toMatchObject({ code: 'primary_unavailable' });
    expect(asReadFailure(failure('57014'))).toMatchObject({ code: 'statement_timeout' });
    expect(asReadFailure(failure('23505'))).toMatchObject({ code: '23505' });
  });
});
