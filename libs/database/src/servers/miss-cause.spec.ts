import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { type MissCause, missCause } from './miss-cause.js';
import { NoAnswerError } from './server-probe.js';
import { NotPostgresError } from './vetted-socket.js';

const failure = (fields: object, message = 'something failed'): Error => Object.assign(new Error(message), fields);

test.each<[string, unknown, MissCause]>([
  ['nothing listens', failure({ code: 'ECONNREFUSED' }), 'refused'],
  ['a statement that no answer came to', new NoAnswerError(), 'no-answer'],
  ['a sign-in that no answer came to', failure({}, 'timeout expired'), 'no-answer'],
  ['a sign-in that was given up', failure({}, 'Connection terminated due to connection timeout'), 'no-answer'],
  ['packets that get lost', failure({ code: 'ETIMEDOUT' }, 'connect ETIMEDOUT'), 'no-answer'],
  [
    'what the statement limit of the probe ended',
    failure({ code: '57014', severity: 'ERROR' }, 'canceling statement due to statement timeout'),
    'no-answer',
  ],
  ['another protocol', new NotPostgresError(), 'not-postgres'],
  ['a socket that was reset', failure({ code: 'ECONNRESET' }), 'closed'],
  ['a socket that was closed', failure({}, 'Connection terminated unexpectedly'), 'closed'],
  ['a server that shuts down', failure({ code: '57P01', severity: 'FATAL' }), 'closed'],
  ['a server that starts up', failure({ code: '57P03', severity: 'FATAL' }), 'closed'],
  ['a name that is not known', failure({ code: 'ENOTFOUND' }), 'closed'],
  ['a function that may not be called', failure({ code: '42501', severity: 'ERROR' }), 'probe-failed'],
  ['a bug of ours', new TypeError('x is undefined'), 'probe-failed'],
])('%s', (_case, error, cause) => {
  expect(missCause(error)).toBe(cause);
});

test('an address of two families where nothing listens on either refuses, too', async () => {
  // Node tells both attempts in one AggregateError, with the code of the first.
  const error = await new Promise((resolve) => connect({ host: 'localhost', port: 1 }).on('error', resolve));
  expect(missCause(error)).toBe('refused');
});
