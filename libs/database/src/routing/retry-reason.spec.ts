import { describe, expect, test } from 'vitest';
import { ConnectionFailedError } from '../servers/database-errors.js';
import { FollowerBehindItselfError, NotTheFollowerError } from '../servers/follower-pool.js';
import { NotPostgresError } from '../servers/vetted-socket.js';
import { type RetryReason, retryReason } from './retry-reason.js';

function failure(code: string | undefined, message = 'something failed'): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function fatal(code: string, message: string): Error {
  return Object.assign(failure(code, message), { severity: 'FATAL' });
}

describe('why a read that failed on a follower is asked again of the primary', () => {
  test.each<[string, string, RetryReason]>([
    ['40001', 'canceling statement due to conflict with recovery', 'conflict-retry'],
    ['40P01', 'deadlock detected', 'conflict-retry'],
    ['42P01', 'relation "new_table" does not exist', 'schema-behind'],
    ['42703', 'column "new_column" does not exist', 'schema-behind'],
    ['42883', 'function search_fold(text) does not exist', 'schema-behind'],
    ['0A000', 'cached plan must not change result type', 'schema-behind'],
    ['57P01', 'terminating connection due to administrator command', 'retry'],
    ['57P02', 'terminating connection because of crash of another server process', 'retry'],
    ['57P03', 'the database system is shutting down', 'retry'],
    ['53300', 'sorry, too many clients already', 'retry'],
    ['08006', 'connection failure', 'retry'],
    ['ECONNREFUSED', 'connect ECONNREFUSED', 'retry'],
    ['ECONNRESET', 'read ECONNRESET', 'retry'],
  ])('%s, "%s": %s', (code, message, reason) => {
    expect(retryReason(failure(code, message))).toBe(reason);
  });

  test.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Socket destroyed by its owner: the server does not answer',
  ])('a lost socket without a code, "%s": retry', (message) => {
    expect(retryReason(failure(undefined, message))).toBe('retry');
  });

  test.each<[string, Error, RetryReason]>([
    ['a server that was promoted meanwhile', new NotTheFollowerError(), 'follower-role-changed'],
    [
      'one that proved so when it was connected to',
      new ConnectionFailedError(new NotTheFollowerError()),
      'follower-role-changed',
    ],
    ['a follower that is behind where it was', new FollowerBehindItselfError(), 'retry'],
    [
      'one that proved so when it was connected to',
      new ConnectionFailedError(new FollowerBehindItselfError()),
      'retry',
    ],
    [
      'a connection that nobody opened in time',
      new ConnectionFailedError(failure(undefined, 'timeout exceeded')),
      'retry',
    ],
    ['a sign-in that was refused, whatever it looks like', new ConnectionFailedError(failure('25006')), 'retry'],
    ['a server that is none', new NotPostgresError(), 'retry'],
    ['a database that is not there yet', fatal('3D000', 'database "x" does not exist'), 'retry'],
    ['a password that is not known yet', fatal('28P01', 'password authentication failed'), 'retry'],
    ['an internal error that ended the connection', fatal('XX000', 'cannot continue'), 'retry'],
  ])('%s', (_case, error, reason) => {
    expect(retryReason(error)).toBe(reason);
  });

  test.each([
    ['a write in a read', failure('25006', 'cannot execute INSERT in a read-only transaction')],
    ['a statement that took too long', failure('57014', 'canceling statement due to statement timeout')],
    ['a plain SQL error', failure('22012', 'division by zero')],
    ['a feature that the primary lacks as well', failure('0A000', 'cannot use subquery in check constraint')],
    ['an error that quotes words of a lost socket', failure('22P02', 'invalid input syntax: "connection terminated"')],
    ['a bug of ours', new TypeError('x is not a function')],
    ['no error at all', undefined],
    ['a bare text', 'connection terminated'],
  ])('%s fails on the primary just as well, so it is not asked', (_case, error) => {
    expect(retryReason(error)).toBeUndefined();
  });
});
