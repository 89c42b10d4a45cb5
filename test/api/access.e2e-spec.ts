import 'reflect-metadata';
import { loadConfiguration } from '@app/config';
import { createLogger } from '@app/logging';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiModule } from '../../apps/api/src/api.module.js';
import { createHttpAdapter } from '../../apps/api/src/configure-api.js';
import { addMember, type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { documentedOperations } from '../support/openapi-document.js';

/** Who may call what. A new route is added here on purpose, or this fails. */
const POLICIES: Record<string, string> = {
  'GET /health': 'public',
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /health/startup': 'public',
  'GET /metrics': 'public',
  'POST /api/auth/login': 'public',
  'POST /api/auth/register': 'public',
  'GET /api/customers': 'viewer',
  'GET /api/customers/:id': 'viewer',
  'POST /api/customers': 'member',
  'PUT /api/customers/:id': 'member',
  'DELETE /api/customers/:id': 'member',
  'GET /api/accounts': 'viewer',
  'GET /api/accounts/:id': 'viewer',
  'POST /api/accounts': 'member',
  'PUT /api/accounts/:id': 'member',
  'DELETE /api/accounts/:id': 'member',
  'GET /api/analytics': 'viewer',
  'GET /api/analytics/customers/:customer_id': 'viewer',
  'GET /api/imports/:id': 'viewer',
  'GET /api/imports/:id/rejected': 'viewer',
  'POST /api/imports': 'member',
  'GET /api/analytics/timeseries': 'viewer',
  'GET /api/events': 'viewer',
  'GET /api/events/stream': 'viewer',
  'POST /api/events/:cursor/undo': 'member',
  'GET /api/customers/:id/events': 'viewer',
  'GET /api/accounts/:id/events': 'viewer',
  'GET /api/jobs': 'viewer',
  'GET /api/jobs/:id': 'viewer',
  'POST /api/jobs': 'member',
  'POST /api/jobs/:id/cancel': 'admin',
  'POST /api/jobs/:id/retry': 'admin',
  'GET /api/queues': 'operator',
  'GET /api/system/replication': 'operator',
  'GET /api/webhooks': 'admin',
  'POST /api/webhooks': 'admin',
  'GET /api/webhooks/:id': 'admin',
  'PATCH /api/webhooks/:id': 'admin',
  'DELETE /api/webhooks/:id': 'admin',
  'POST /api/webhooks/:id/rotate-secret': 'admin',
  'POST /api/webhooks/:id/test': 'admin',
  'GET /api/webhooks/:id/deliveries': 'admin',
  'POST /api/webhooks/:id/deliveries/:delivery_id/redeliver': 'admin',
};

type Controller = { name: string; prototype: Record<string, unknown> };

/** Every route of the real module tree with the policy declared on it or its controller; connects to nothing. */
async function declaredPolicies(): Promise<Record<string, string | undefined>> {
  const configuration = loadConfiguration({ DATABASE_URL: 'postgres://nowhere.invalid/none' });
  const module = ApiModule.forRoot(configuration, createLogger({ level: 'silent', name: 'test' }));
  const options = { logger: false, bodyParser: false } as const;
  const app = await NestFactory.create(module, createHttpAdapter(configuration.http), options);
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules.flatMap(({ controllers }) => [...controllers.values()].map(({ metatype }) => metatype));
  return Object.fromEntries(controllers.flatMap((controller) => routesOf(controller as unknown as Controller)));
}

function routesOf(controller: Controller): [string, string | undefined][] {
  const { prototype } = controller;
  const chain = [prototype, Object.getPrototypeOf(prototype)].filter((each) => each !== Object.prototype);
  const names = new Set(chain.flatMap((each) => Object.getOwnPropertyNames(each)));
  return [...names].flatMap((name) => {
    const handler = prototype[name] as object;
    const method = typeof handler === 'function' ? Reflect.getMetadata(METHOD_METADATA, handler) : undefined;
    if (method === undefined) return [];
    const path = [controller, handler].map((place) => String(Reflect.getMetadata(PATH_METADATA, place) ?? ''));
    const policy = Reflect.getMetadata('access', handler) ?? Reflect.getMetadata('access', controller);
    const joined = path
      .join('/')
      .replace(/\/{2,}/g, '/')
      .replace(/^\/?/, '/')
      .replace(/(.)\/$/, '$1');
    return [[`${RequestMethod[method]} ${joined}`, policy]];
  });
}

describe('every route that the router knows', () => {
  it('has the policy that is written down here', async () => {
    expect(await declaredPolicies()).toEqual(POLICIES);
  });

  it('is documented, and nothing else is', () => {
    const documented = documentedOperations().map(
      ({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    );
    expect(documented.sort()).toEqual(Object.keys(POLICIES).sort());
  });

  it('says in the document whether it needs a token', () => {
    for (const { method, path, isPublic } of documentedOperations()) {
      const key = `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
      expect([key, isPublic]).toEqual([key, POLICIES[key] === 'public']);
    }
  });
});

describe('the matrix', () => {
  let stage: ApiStage;
  let people: Record<string, Person>;
  beforeAll(async () => {
    stage = await openApiStage();
    const admin = await registerAdmin(stage);
    const add = (role: 'viewer' | 'member', isOperator = false) =>
      addMember(stage, admin.organizationId, role, isOperator);
    people = { viewer: await add('viewer'), member: await add('member'), admin, operator: await add('viewer', true) };
  });
  afterAll(() => stage?.close());

  /** What each may do besides what is public. Being an operator adds nothing to what one's role allows here. */
  const ALLOWED: Record<string, string[]> = {
    anonymous: [],
    viewer: ['viewer'],
    operator: ['viewer', 'operator'],
    member: ['viewer', 'member'],
    admin: ['viewer', 'member', 'admin'],
  };

  /** A call that harms nothing: of a row that is not there, with a body that lacks everything. */
  const call = (route: string, token?: string) => {
    const [method = '', path = ''] = route.split(' ');
    const json = method === 'POST' || method === 'PUT' ? {} : undefined;
    // A stream would never end; what its cursor is worth is asked after who asks.
    const query = path.endsWith('/stream') ? '?after=none' : '';
    return stage.call(method, path.replace(/:\w+/g, '2147483647') + query, { token, json });
  };

  it.each(Object.keys(ALLOWED).flatMap((who) => Object.keys(POLICIES).map((route) => [who, route] as const)))(
    '%s: %s',
    async (who, route) => {
      const policy = POLICIES[route] ?? '';
      const answer = await call(route, people[who]?.token);
      if (policy === 'public' || ALLOWED[who]?.includes(policy)) {
        expect([401, 403]).not.toContain(answer.status);
        expect(answer.status).toBeLessThan(500);
        return;
      }
      const [status, error] =
        who === 'anonymous' ? [401, 'Authorization header required'] : [403, 'You may not do this'];
      expect([answer.status, answer.json().error]).toEqual([status, error]);
    },
  );

  it('what is refused has not happened', async () => {
    const [row] = await stage.sql<{ id: number }>(
      "INSERT INTO customers (organization_id, name, email) VALUES ($1, 'Kept', 'kept@example.com') RETURNING id",
      [people.admin?.organizationId],
    );
    const path = `/api/customers/${row?.id}`;
    const json = { name: 'Changed', email: 'changed@example.com' };
    const token = people.viewer?.token;
    for (const answer of [
      await stage.call('PUT', path, { token, json }),
      await stage.call('DELETE', path, { token }),
      await stage.call('POST', '/api/customers', { token, json }),
      await stage.call('POST', '/api/jobs', { token, json: { type: 'aggregate' } }),
    ]) {
      expect(answer.status).toBe(403);
    }
    expect(await stage.sql('SELECT name FROM customers')).toEqual([{ name: 'Kept' }]);
    expect(await stage.sql('SELECT id FROM jobs')).toEqual([]);
  });

  it('METRICS_TOKEN closes the metrics to those without it', async () => {
    const closed = await openApiStage({ METRICS_TOKEN: 'only the scraper knows' });
    try {
      expect((await closed.call('GET', '/metrics')).status).toBe(401);
      expect((await closed.call('GET', '/metrics', { token: people.admin?.token })).status).toBe(401);
      expect((await closed.call('GET', '/metrics', { token: 'only the scraper knows' })).status).toBe(200);
      expect((await closed.call('GET', '/health')).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});
