import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';
import { expectNoFailures } from '../support/no-failures.js';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: admin.token, ...options });

/** Long values make bad titles of tests. */
const titled = (value: string): [string, string] => [value.slice(0, 40), value];

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

it('after all of this nothing failed, and nothing was logged as a failure of ours', () => expectNoFailures(stage.api));
