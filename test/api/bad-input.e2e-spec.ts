import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';

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

/** Long values make bad titles of tests. */
const titled = (value: string): [string, string] => [value.slice(0, 40), value];

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

describe('an address', () => {
  const queries = [
    'limit=1&limit=2',
    'limit[]=1',
    'limit[$gt]=1',
    'sort=name&sort=email',
    'q=a&q=b&q=c',
    'q=%00',
    'q=%zz',
    'q=%ff%fe',
    'q=%ed%a0%80',
    '%00=1',
    '%zz',
    '&&&',
    '=',
    '=x',
    '?',
    'a[]=1&a[]=2',
    '__proto__[x]=1',
    'constructor=1',
    'limit=__proto__',
    'cursor=%00',
    'created_after=%00',
    'created_after[]=x',
    'customer_id=1&customer_id=2',
    'customer_id=1e5',
    'status=%00',
    `q=${'x'.repeat(8_000)}`,
    `${'a=1&'.repeat(2_000)}`,
    'limit=1%0d%0aX:%20y',
    "sort=name'--",
    'q=%F0%9F%99%82',
    'limit=+5',
    'limit=%2B5',
    'limit=0x10',
  ];
  it.each(queries.map(titled))('with the query %s is answered without a fault', async (_title, query) => {
    for (const path of ['/api/customers', '/api/accounts', '/api/jobs', '/api/analytics']) {
      const answer = await call('GET', `${path}?${query}`);
      expect([200, 400]).toContain(answer.status);
      expect(Object.keys(answer.headers)).not.toContain('x');
    }
  });

  const paths = [
    '%00',
    '%zz',
    '%',
    '%ff',
    '..%2f..',
    '%2e%2e',
    '1%00',
    '1;2',
    "1'",
    '1%20OR%201=1',
    '%EF%BC%91',
    'null',
    'undefined',
    '{id}',
    ':id',
    '-0',
    '+',
    '1'.repeat(15_000),
  ];
  it.each(paths.map(titled))('with the id %s is refused as an id, whatever is asked', async (_title, id) => {
    for (const resource of ['customers', 'accounts', 'analytics/customers']) {
      for (const method of resource.startsWith('analytics') ? ['GET'] : ['GET', 'PUT', 'DELETE']) {
        const json = { name: 'A', email: 'a@b.c', status: 'active' };
        const answer = await call(method, `/api/${resource}/${id}`, method === 'PUT' ? { json } : {});
        const expected = id === '-0' && !resource.startsWith('analytics') ? [404] : [400, 404, 200];
        expect(expected).toContain(answer.status);
        if (answer.status === 200) expect(id).toBe('-0');
      }
    }
    expect((await call('GET', `/api/jobs/${id}`)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('a connection', () => {
  /** Sends bytes as they are and resolves with all that comes back. */
  function send(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(stage.api.url);
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
      socket.setTimeout(3_000, () => socket.destroy());
      socket.on('data', (chunk) => (text += chunk));
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
  }
  const head = 'Host: x\r\nConnection: close\r\n';
  const requests: [string, string, RegExp][] = [
    ['that speaks no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['without a host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['with a NUL in the address', `GET /\0 HTTP/1.1\r\n${head}\r\n`, /^HTTP\/1\.1 400 /],
    [
      'with a header of two lengths',
      `POST /api/auth/login HTTP/1.1\r\n${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'with a length and chunks',
      `POST /api/auth/login HTTP/1.1\r\n${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'with a length that is none',
      `POST /api/auth/login HTTP/1.1\r\n${head}Content-Length: x\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      'with a broken chunk',
      `POST /api/auth/login HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    ['with an unknown method', `BREW /api/customers HTTP/1.1\r\n${head}\r\n`, /^HTTP\/1\.1 400 /],
    ['with a method that few know', `PROPFIND /api/customers HTTP/1.1\r\n${head}\r\n`, /^HTTP\/1\.1 40[45] /],
    ['with an absolute address', `GET http://x/health/live HTTP/1.1\r\n${head}\r\n`, /^HTTP\/1\.1 (200|404) /],
    ['with an address that is a star', `OPTIONS * HTTP/1.1\r\n${head}\r\n`, /^HTTP\/1\.1 4\d\d /],
    ['of HTTP/1.0', 'GET /health/live HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
  ];
  it.each(requests)('%s is answered and harms nobody', async (_what, bytes, expected) => {
    const text = await send(bytes);
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/at .*\.js|FST_/);
    expect((await stage.call('GET', '/health/live')).status).toBe(200);
  });
});

it('callers who hang up in the middle of a body are no failure of ours', async () => {
  const { hostname, port } = new URL(stage.api.url);
  const head =
    'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n';
  for (let index = 0; index < 20; index += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.write(`${head}{"username":`, () => resolve()));
    if (index % 2 === 0) await sleep(10);
    socket[index % 4 < 2 ? 'end' : 'destroy']();
  }
  expect((await stage.call('GET', '/health/live')).status).toBe(200);
});

it('after all of this nothing failed, and nothing was logged as a failure of ours', async () => {
  const { text } = await stage.call('GET', '/metrics');
  expect(text.split('\n').filter((line) => /^http_request_errors_total\{.*route="\/api/.test(line))).toEqual([]);
  // Its last lines are written when it ends.
  await stage.api.stop();
  const failures = stage.api.logLines().filter(({ level }) => Number(level) >= 50);
  expect(failures.map((line) => JSON.stringify(line)).join('\n')).toBe('');
});
