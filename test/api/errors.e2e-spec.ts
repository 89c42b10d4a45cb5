import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';

const KEYS = ['error', 'type', 'title', 'status', 'code', 'request_id', 'errors'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: admin.token, ...options });

/** One of every kind of refusal, with its status and code. */
const REFUSALS: [string, string, CallOptions, number, string][] = [
  ['GET', '/api/customers', { token: undefined }, 401, 'invalid_token'],
  ['GET', '/api/customers/abc', {}, 400, 'invalid_id'],
  ['GET', '/api/customers/2147483647', {}, 404, 'customer_not_found'],
  ['GET', '/api/accounts/2147483647', {}, 404, 'account_not_found'],
  ['GET', '/api/jobs/nothing', {}, 404, 'job_not_found'],
  ['GET', '/api/nothing', {}, 404, 'not_found'],
  ['GET', '/nothing.png', {}, 404, 'not_found'],
  ['PATCH', '/api/customers', {}, 405, 'method_not_allowed'],
  ['PATCH', '/customers', {}, 404, 'not_found'],
  ['OPTIONS', '/api/customers', {}, 405, 'method_not_allowed'],
  ['GET', '/api/customers', { headers: { accept: 'image/png' } }, 406, 'not_acceptable'],
  ['POST', '/api/customers', { json: {} }, 400, 'validation_failed'],
  ['POST', '/api/customers', { body: '{' }, 400, 'malformed_body'],
  ['POST', '/api/customers', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
  ['POST', '/api/customers', { body: `"${'x'.repeat(101_000)}"` }, 413, 'payload_too_large'],
  ['GET', '/api/customers?cursor=x', {}, 400, 'invalid_cursor'],
  ['GET', '/api/customers/%zz', {}, 400, 'malformed_request'],
  ['GET', `/api/customers/${'1'.repeat(600)}`, {}, 400, 'invalid_id'],
  ['GET', '/swagger/nothing.js', {}, 404, 'not_found'],
];

describe('every error', () => {
  it.each(REFUSALS)('%s %s: one body for both worlds', async (method, path, options, status, code) => {
    const answer = await call(method, path, options);
    const body = answer.json<Record<string, unknown>>();
    expect([answer.status, body.code]).toEqual([status, code]);
    expect(Object.keys(body)).toEqual(KEYS);
    expect(body).toMatchObject({ status, type: 'about:blank', request_id: answer.headers['x-request-id'] });
    expect(body.error).toEqual(expect.any(String));
    expect(body.title).toEqual(expect.any(String));
    expect(body.errors).toEqual(expect.any(Array));
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.text).not.toMatch(/\bat .*\.js|node_modules|\/work|SELECT|relation|dist\//);
  });

  it.each(REFUSALS)('%s %s: problem+json for those who ask for it', async (method, path, options, status) => {
    // Those who take problem+json for a list are given the list.
    if (status === 406) return;
    const accept = 'application/problem+json';
    const answer = await call(method, path, { ...options, headers: { ...options.headers, accept } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
    expect(Object.keys(answer.json())).toEqual(KEYS);
  });
});

it('headers that are too large are refused with the same body', async () => {
  const answer = await stage.call('GET', '/api/customers', { headers: { 'x-padding': 'x'.repeat(20_000) } });
  expect([answer.status, answer.json().code]).toEqual([431, 'headers_too_large']);
  expect(Object.keys(answer.json())).toEqual(KEYS);
  expect(answer.json().request_id).toBe(answer.headers['x-request-id']);
});

describe('X-Request-Id', () => {
  it('is made where there is none', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await call('GET', '/api/analytics')).headers['x-request-id']),
    );
    expect(ids[0]).toMatch(UUID);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each(['a', 'req-1_2.3:4', 'x'.repeat(128), '4bf92f3577b34da6a3ce929d0e0e4736'])(
    'is taken over if it is well-formed: %s',
    async (id) => {
      const headers = { 'x-request-id': id };
      expect((await call('GET', '/api/customers?limit=1', { headers })).headers['x-request-id']).toBe(id);
      const refused = await call('GET', '/api/customers/abc', { headers });
      expect([refused.headers['x-request-id'], refused.json().request_id]).toEqual([id, id]);
    },
  );

  it.each(['', ' ', 'a b', 'x'.repeat(129), 'é', 'a"b', '<script>', 'a,b', '{jndi:x}'])(
    'is replaced if it is not: %s',
    async (id) => {
      const headers = { 'x-request-id': Buffer.from(id).toString('latin1') };
      expect((await call('GET', '/api/customers/abc', { headers })).json().request_id).toMatch(UUID);
    },
  );

  it('is in the log of the request', async () => {
    await call('GET', '/api/customers/2147483647', { headers: { 'x-request-id': 'find-me-in-the-log' } });
    await expect
      .poll(() => stage.api.logLines().find((line) => line.request_id === 'find-me-in-the-log'), { timeout: 5_000 })
      .toMatchObject({ route: '/api/customers/:id', status: 404, organization_id: admin.organizationId });
  });
});

it('no password, token or secret is ever logged', async () => {
  const headers = { authorization: `Bearer ${admin.token}` };
  await stage.call('POST', '/api/auth/login', { json: { username: 'x', password: 'unlogged-password' }, headers });
  await stage.call('POST', '/api/auth/login', { body: '{"password":"unlogged-password' });
  await call('GET', '/api/customers?q=unlogged-query');
  await expect.poll(() => stage.api.output(), { timeout: 5_000 }).toContain('/api/auth/login');
  expect(stage.api.output()).not.toMatch(/unlogged|correct horse|the secret of/);
  expect(stage.api.output()).not.toContain(admin.token.slice(-40));
});
