import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';

const JSON_TYPE = 'application/json; charset=utf-8';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string) => stage.call(method, path, { token: admin.token });

describe('below /api', () => {
  it.each([
    '/api',
    '/api/',
    '/api/nothing',
    '/api/customers/1/2',
    '/api/customers/',
    '/api//customers',
    '/API/customers',
  ])('answers the unknown path %s with 404 as JSON, whoever asks', async (path) => {
    for (const method of path.startsWith('/api') ? ['GET', 'POST', 'DELETE'] : ['POST']) {
      const answer = await stage.call(method, path);
      expect([answer.status, answer.json().error]).toEqual([404, 'Not found']);
      expect(answer.headers['content-type']).toBe(JSON_TYPE);
    }
  });

  it.each([
    ['PATCH', '/api/customers', 'GET, HEAD, POST'],
    ['DELETE', '/api/customers', 'GET, HEAD, POST'],
    ['POST', '/api/customers/1', 'DELETE, GET, HEAD, PUT'],
    ['OPTIONS', '/api/customers/1', 'DELETE, GET, HEAD, PUT'],
    ['PATCH', '/api/accounts/abc', 'DELETE, GET, HEAD, PUT'],
    ['GET', '/api/auth/login', 'POST'],
    ['PUT', '/api/auth/register', 'POST'],
    ['POST', '/api/analytics', 'GET, HEAD'],
    ['DELETE', '/api/analytics/customers/1', 'GET, HEAD'],
    ['DELETE', '/api/jobs', 'GET, HEAD, POST'],
  ])('answers %s %s with 405 and the methods that are there', async (method, path, allowed) => {
    for (const answer of [await call(method, path), await stage.call(method, path)]) {
      expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
      expect(answer.json().code).toBe('method_not_allowed');
    }
  });

  it.each(['/api/customers', '/api/nothing-of-this-name'])('%s is not cached', async (path) => {
    expect((await call('GET', path)).headers['cache-control']).toBe('no-store');
  });

  it.each(['/%61pi/customers', '/ap%69/customers?limit=1', 'http://elsewhere.example/api/customers'])(
    '%s, another way to write the same address, is no way around what every call is held to',
    async (path) => {
      const answer = await call('GET', path);
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      for (const name of ['x-consistency-token', 'x-read-preference']) {
        const refused = await stage.call('GET', path, { token: admin.token, headers: { [name]: 'nonsense' } });
        expect(refused.status).toBe(400);
      }
    },
  );
});

describe('everywhere else', () => {
  it.each(['/', '/customers', '/customers/17/edit', '/index.html', '/login?next=%2Fcustomers', '/%D0%B6'])(
    'the application answers %s',
    async (path) => {
      const answer = await stage.call('GET', path);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.text).toMatch(/<!doctype html>/i);
      expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it('its assets are served to be kept for a year, under their own types', async () => {
    const page = (await stage.call('GET', '/')).text;
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const answer = await stage.call('GET', script ?? '');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('javascript')]);
    expect(answer.headers['cache-control']).toMatch(/max-age=31536000.*immutable/);
  });

  it.each(['/assets/gone.js', '/nothing.png', '/customers/x.css', '/favicon.icox'])(
    'the missing asset %s is 404 and no HTML',
    async (path) => {
      const answer = await stage.call('GET', path);
      expect([answer.status, answer.headers['content-type']]).toEqual([404, JSON_TYPE]);
    },
  );

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/..%5cpackage.json',
    '/package.json',
    '/apps/api/openapi.json',
    '/.env',
    '/%00',
    '//etc/passwd',
    '/assets/%2e%2e/index.html',
  ])('no file outside of it is to be had: %s', async (path) => {
    const answer = await stage.call('GET', path);
    expect([200, 400, 404]).toContain(answer.status);
    if (answer.status === 200) expect(answer.text).toMatch(/^<!doctype html>/i);
    expect(answer.text).not.toMatch(/"name": "tandem"|root:|openapi"/);
  });

  it('another method finds nothing', async () => {
    for (const [method, path] of [
      ['POST', '/'],
      ['DELETE', '/customers'],
      ['PUT', '/index.html'],
      ['OPTIONS', '/'],
    ] as const) {
      expect([method, (await stage.call(method, path)).status]).toEqual([method, 404]);
    }
  });

  it('browsers are told not to guess types', async () => {
    for (const path of ['/', '/api/customers', '/health', '/swagger/index.html']) {
      expect((await stage.call('GET', path)).headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe('/swagger', () => {
  it('shows Swagger UI, with everything that its page loads', async () => {
    const page = await stage.call('GET', '/swagger/index.html');
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const loaded = [...page.text.matchAll(/(?:src|href)="(\/swagger\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded.length).toBeGreaterThanOrEqual(2);
    for (const path of loaded) expect([path, (await stage.call('GET', path)).status]).toEqual([path, 200]);
    expect((await stage.call('GET', '/swagger')).headers.location).toBe('/swagger/index.html');
  });

  it('answers the checked-in document as JSON', async () => {
    const answer = await stage.call('GET', '/swagger/doc.json');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, JSON_TYPE]);
    expect(answer.text).toBe(readFileSync(new URL('../../apps/api/openapi.json', import.meta.url), 'utf8'));
  });
});

describe('/health', () => {
  it('answers the frozen keys in their order', async () => {
    const answer = await stage.call('GET', '/health');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, JSON_TYPE]);
    expect(answer.text).toBe('{"status":"healthy","database":"connected","analytics_db":"connected"}');
  });

  it('has probes that need no token and tell no addresses', async () => {
    expect((await stage.call('GET', '/health/live')).json()).toEqual({ status: 'ok' });
    const startup = await stage.call('GET', '/health/startup');
    const ready = await stage.call('GET', '/health/ready');
    expect([startup.status, ready.status]).toEqual([200, 200]);
    expect(ready.json()).toMatchObject({
      status: 'ok',
      details: { primary: { status: 'up' }, follower: { status: 'up' } },
    });
    expect(ready.text).not.toMatch(/127\.0\.0\.1|postgres(ql)?:|localhost/);
  });
});

describe('/metrics', () => {
  it('is Prometheus text with requests by route template, errors, pools, routes, queues and the process', async () => {
    const { id } = await makeCustomer(stage, admin.token);
    await call('GET', `/api/customers/${id}`);
    await call('GET', '/api/nothing-here');
    const answer = await stage.call('GET', '/metrics');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    const series = (name: string, ...labels: string[]) =>
      answer.text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
    expect(
      series('http_request_duration_seconds_bucket', 'route="/api/customers/:id"', 'method="GET"', 'status="200"'),
    ).not.toEqual([]);
    expect(answer.text).not.toContain(`/api/customers/${id}"`);
    expect(answer.text).not.toContain('nothing-here');
    expect(answer.text).toContain('# TYPE http_request_errors_total counter');
    for (const pool of ['primary', 'streams', 'fallback', 'follower-1']) {
      expect(series('db_pool_connections', `pool="${pool}"`, 'state="max"')).toHaveLength(1);
      expect(series('db_pool_waiting', `pool="${pool}"`)).toHaveLength(1);
    }
    expect(series('db_follower_state', 'state="healthy"')[0]).toMatch(/ 1$/);
    expect(answer.text).toMatch(/^process_resident_memory_bytes/m);
    expect(answer.text).toMatch(/^queue_/m);
    expect(answer.text).not.toMatch(/127\.0\.0\.1/);
  });
});
