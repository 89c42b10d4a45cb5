import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';
import { expectNoFailures } from '../support/no-failures.js';

let stage: ApiStage;
let admin: Person;
let customerId: number;
let accountId: number;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  customerId = (await makeCustomer(stage, admin.token)).id;
  accountId = (await makeAccount(stage, admin.token, customerId)).id;
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: admin.token, ...options });

/** Every call that takes a body, with a good one. */
function writes(): { method: string; path: string; good: Record<string, unknown> }[] {
  return [
    { method: 'POST', path: '/api/auth/register', good: { username: 'someone', password: PASSWORD } },
    { method: 'POST', path: '/api/auth/login', good: { username: 'someone', password: PASSWORD } },
    { method: 'POST', path: '/api/customers', good: { name: 'A', email: 'bad-input@example.com' } },
    { method: 'PUT', path: `/api/customers/${customerId}`, good: { name: 'A', email: 'bad-input@example.com' } },
    { method: 'POST', path: '/api/accounts', good: { customer_id: customerId, name: 'A', status: 'active' } },
    { method: 'PUT', path: `/api/accounts/${accountId}`, good: { name: 'A', status: 'active' } },
    { method: 'POST', path: '/api/jobs', good: { type: 'aggregate', date: '2026-01-01' } },
  ];
}

/** The stored rows, to see that a refused call has changed nothing. */
async function stored(): Promise<unknown> {
  const [row] =
    await stage.sql(`SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM accounts) AS accounts,
    (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM jobs) AS jobs`);
  return row;
}

async function expectRefusal(status: number, options: CallOptions): Promise<void> {
  const before = await stored();
  for (const { method, path } of writes()) {
    const answer = await call(method, path, options);
    expect([method, path, answer.status]).toEqual([method, path, status]);
    expect(answer.json()).toMatchObject({ status, request_id: answer.headers['x-request-id'] });
  }
  expect(await stored()).toEqual(before);
}

describe('a body', () => {
  const nested = (depth: number) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const malformed: [string, string | Buffer][] = [
    ['that is cut off', '{"name":"A"'],
    ['that is empty', ''],
    ['of blanks', ' \n '],
    ['of two objects', '{}{}'],
    ['with a trailing comma', '{"name":"A",}'],
    ['with a comment', '{/* */}'],
    ['in single quotes', "{'name':'A'}"],
    ['with a raw control character', '{"name":"a\u0001b"}'],
    ['that is null', 'null'],
    ['that is a list', '[]'],
    ['that is a list of objects', '[{"name":"A"}]'],
    ['that is a text', '"text"'],
    ['that is a number', '42'],
    ['that is NaN', 'NaN'],
    ['of bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['with half of a surrogate pair in UTF-8', Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1')],
    ['with an overlong sequence', Buffer.from('{"name":"\xc0\x80"}', 'latin1')],
    ['in UTF-16', Buffer.from('{"name":"A"}', 'utf16le')],
    ['with a NUL', '{"name":"a\\u0000b","username":"a\\u0000b","type":"\\u0000"}'],
    ['with the first half of a surrogate pair', '{"name":"a\\ud83d","username":"\\ud83d","type":"\\ud83d"}'],
    ['with the second half of a surrogate pair', '{"name":"\\ude42b","username":"\\ude42","type":"\\ude42"}'],
    ['with the halves of a pair swapped', '{"name":"\\ude42\\ud83d"}'],
    ['with __proto__', '{"__proto__":{"isAdmin":true},"name":"A"}'],
    ['with __proto__ below', '{"name":{"__proto__":{}}}'],
    ['nested 33 deep', nested(33)],
    ['nested 45,000 deep', nested(45_000)],
    ['nested 45,000 deep and never closed', '['.repeat(45_000)],
    ['of objects nested 12,000 deep', `${'{"a":'.repeat(12_000)}1${'}'.repeat(12_000)}`],
  ];
  it.each(malformed)('%s is refused with 400 everywhere, and nothing is stored', (_what, body) =>
    expectRefusal(400, { body }),
  );

  it('of 100 kB is read, and one of more refused with 413', async () => {
    await expectRefusal(413, { body: `{"name":"${'x'.repeat(101_000)}"}` });
    const padding = { padding: 'x'.repeat(99_900), name: '', email: '', username: '', type: '', status: '' };
    await expectRefusal(400, { body: JSON.stringify(padding).slice(0, 100_000) });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonx',
    'nonsense',
    '',
  ])('of type "%s" is refused with 415', (type) =>
    expectRefusal(415, { body: '{"name":"A"}', headers: { 'content-type': type } }),
  );

  it('may name the charset, begin with a byte order mark and be sent in chunks', async () => {
    const good = JSON.stringify({ name: 'Bömmel', email: 'bom@example.com' });
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8', 'transfer-encoding': 'chunked' };
    const answer = await call('POST', '/api/customers', { body: `\ufeff${good}`, headers });
    expect([answer.status, answer.json().name]).toEqual([201, 'Bömmel']);
  });
});

describe('a field', () => {
  const values: unknown[] = [
    null,
    true,
    5,
    -1,
    1.5,
    1e300,
    [],
    ['A'],
    {},
    { length: 3 },
    { toString: 'x' },
    '',
    'x'.repeat(10_000),
    '\u0000',
    '🙂'.repeat(300),
    { constructor: { prototype: 1 } },
    [[[]]],
  ];

  it('of any other kind or size is refused with 400 that names it', async () => {
    for (const { method, path, good } of writes()) {
      for (const field of Object.keys(good)) {
        for (const value of values) {
          if (isFine(path, field, value)) continue;
          const answer = await call(method, path, { json: { ...good, [field]: value } });
          expect([path, field, value, answer.status]).toEqual([path, field, value, 400]);
          if (answer.json().code === 'validation_failed') expect(answer.json().error).toContain(field);
        }
        const { [field]: _missing, ...rest } = good;
        if (!isFine(path, field, null)) expect((await call(method, path, { json: rest })).status).toBe(400);
      }
    }
  });

  it.each([
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '',
    ' ',
    'a\u0000b',
    '\ud800',
    '$ne',
    'x'.repeat(500),
  ])('that nobody knows, called "%s", is ignored', async (name) => {
    const json = {
      name: 'Known',
      email: `unknown-${Buffer.from(name).toString('hex').slice(0, 40)}@example.com`,
      [name]: { a: 1 },
    };
    const answer = await call('POST', '/api/customers', { json });
    expect([answer.status, Object.keys(answer.json())]).toEqual([
      201,
      ['id', 'name', 'email', 'created_at', 'updated_at'],
    ]);
  });

  it('that is there twice counts as it was sent last', async () => {
    const body = '{"name":"First","name":"Last","email":"doubled@example.com"}';
    expect((await call('POST', '/api/customers', { body })).json().name).toBe('Last');
  });

  /** What is not wrong there: the date of a job may be null, a customer's number any integer, passwords long. */
  function isFine(path: string, field: string, value: unknown): boolean {
    if (field === 'date') return value === null;
    if (path.endsWith('/register') && field === 'password') return false;
    return path.endsWith('/login') && typeof value === 'string' && value !== '' && [...value].length <= 256;
  }
});

it('after all of this nothing failed, and nothing was logged as a failure of ours', () => expectNoFailures(stage.api));
