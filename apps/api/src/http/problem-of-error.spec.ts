import { DomainError, ERROR_CODES } from '@app/errors';
import { BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { problemOfError, problemOfStatus } from './problem-of-error.js';

const PLAIN_500 = {
  status: 500,
  code: 'internal_error',
  message: 'Internal server error',
  fields: [],
  headers: {},
};

function failure(fields: object, message = 'SELECT secret FROM /var/lib/postgresql'): Error {
  return Object.assign(new Error(message), fields);
}

describe('what a client is told of an error', () => {
  test.each([...ERROR_CODES])('%s keeps its code and words and is never a 500', (code) => {
    const problem = problemOfError(new DomainError(code, 'Some words'));
    expect(problem).toMatchObject({ code, message: 'Some words' });
    expect(problem.status).toSatisfy((status: number) => (status >= 400 && status < 500) || status === 503);
  });

  test('every 503 says when to ask again, a second where nobody knows better', () => {
    const retryAfter = (retryAfterSeconds?: number) =>
      problemOfError(new DomainError('statement_timeout', 'x', { retryAfterSeconds })).headers['retry-after'];
    expect([retryAfter(5), retryAfter()]).toEqual(['5', '1']);
    expect(problemOfStatus(503).headers).toEqual({ 'retry-after': '1' });
  });

  test('every 401 names the scheme', () => {
    expect(problemOfError(new DomainError('invalid_token', 'x')).headers).toEqual({ 'www-authenticate': 'Bearer' });
  });

  test('the fields of a refusal go along, its cause does not', () => {
    const fields = [{ field: 'name', code: 'is_length', message: 'name is too long' }];
    const problem = problemOfError(new DomainError('validation_failed', 'x', { fields, cause: failure({}) }));
    expect(problem.fields).toEqual(fields);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  test.each([
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'payload_too_large'],
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported_media_type'],
    ['FST_ERR_BAD_URL', 400, 'malformed_request'],
    ['FST_ERR_SOMETHING_NEW', 418, 'http_error'],
  ])("Fastify's %s is %i in words of ours", (code, statusCode, told) => {
    const problem = problemOfError(failure({ code, statusCode }));
    expect(problem).toMatchObject({ status: statusCode, code: told });
    expect(problem.message).not.toContain('secret');
  });

  test("Nest's refusals are told by their status alone", () => {
    expect(problemOfError(new NotFoundException('Cannot GET /etc/passwd'))).toMatchObject({ message: 'Not found' });
    expect(problemOfError(new BadRequestException('secret')).message).not.toContain('secret');
  });

  test.each(['22003', '22P02', '22009'])("%s, a value that the database's types refuse, is the caller's", (code) => {
    const problem = problemOfError(failure({ code }));
    expect(problem).toMatchObject({ status: 400, code: 'validation_failed', message: 'A value is out of range' });
  });

  test('a token of an organization that was deleted meanwhile is worth nothing', () => {
    const gone = failure({ code: '23503', constraint: 'customers_organization_id_fkey' });
    expect(problemOfError(gone)).toMatchObject({ status: 401, message: 'Invalid or expired token' });
    expect(problemOfError(failure({ code: '23503', constraint: 'accounts_customer_id_fkey' }))).toEqual(PLAIN_500);
  });

  test.each([
    ['an SQL error', failure({ code: '42601' })],
    ["a bug of Fastify's own", failure({ code: 'FST_ERR_X', statusCode: 500 })],
    ['an error with a status of its own', failure({ statusCode: 404, code: 'ENOENT' })],
    ['a code that is a number', failure({ code: 22 })],
    ['a text', 'secret'],
    ['null', null],
    ['undefined', undefined],
  ])('%s is a plain 500 without a word of it', (_case, error) => {
    expect(problemOfError(error)).toEqual(PLAIN_500);
  });
});
