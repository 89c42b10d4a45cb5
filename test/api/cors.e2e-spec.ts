import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiStage, openApiStage } from '../support/api-process.js';

const ORIGIN = 'https://app.example.com';

let stage: ApiStage;
beforeAll(async () => {
  stage = await openApiStage({ CORS_ORIGINS: `${ORIGIN}, https://other.example.com` });
});
afterAll(() => stage?.close());

const preflight = (origin: string, method = 'PUT') =>
  stage.call('OPTIONS', '/api/customers/1', { headers: { origin, 'access-control-request-method': method } });

it('a page of a named origin may call, with the methods and headers that the API has', async () => {
  const answer = await preflight(ORIGIN);
  expect(answer.status).toBe(204);
  expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    expect(answer.headers['access-control-allow-methods']).toContain(method);
  }
  expect(answer.headers['access-control-allow-headers']).toMatch(/authorization/i);
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
});

it('it may read what programs need of an answer, refusals included', async () => {
  const answer = await stage.call('GET', '/api/customers', { headers: { origin: ORIGIN } });
  expect(answer.status).toBe(401);
  expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
  expect(answer.headers['access-control-expose-headers']).toMatch(/Link.*X-Db-Route.*X-Request-Id/);
});

it('a page of any other origin may not', async () => {
  for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'null']) {
    expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined();
    const answer = await stage.call('GET', '/api/customers', { headers: { origin } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
});

it('OPTIONS that is no preflight is a method that is not there', async () => {
  expect((await stage.call('OPTIONS', '/api/customers/1')).status).not.toBe(200);
  expect((await stage.call('PATCH', '/api/customers/1')).headers.allow).toBe('DELETE, GET, HEAD, PUT');
});
