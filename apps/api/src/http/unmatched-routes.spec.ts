import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { recordRoutes } from './unmatched-routes.js';

/** The methods that are known for a path, among routes of a server that never listens. */
function methodsOf(path: string): string[] {
  const fastify = Fastify();
  const routes = recordRoutes(fastify);
  const handler = async () => '';
  fastify.get('/api/customers', handler);
  fastify.post('/api/customers', handler);
  fastify.route({ method: ['PUT', 'DELETE'], url: '/api/customers/:id', handler });
  fastify.get('/api/analytics/customers/:customer_id', handler);
  fastify.get('/swagger/doc.json', handler);
  fastify.get('/assets/*', handler);
  return routes
    .filter(({ pattern }) => pattern.test(path))
    .flatMap(({ methods }) => methods)
    .sort();
}

describe('the routes that are remembered', () => {
  test.each([
    ['/api/customers', ['GET', 'HEAD', 'POST']],
    ['/api/customers/1', ['DELETE', 'PUT']],
    ['/api/customers/not-a-number', ['DELETE', 'PUT']],
    ['/api/customers/%2F', ['DELETE', 'PUT']],
    ['/api/analytics/customers/1', ['GET', 'HEAD']],
    ['/swagger/doc.json', ['GET', 'HEAD']],
  ])('know the methods of %s', (path, methods) => {
    expect(methodsOf(path)).toEqual(methods);
  });

  test.each([
    '/api/customers/',
    '/api/customers//',
    '/api/customers/1/2',
    '/api/customer',
    '/api/customersx',
    '/x/api/customers',
    '/api/analytics/customers',
    '/swagger/docxjson',
    '/assets/app.js',
    '',
  ])('know nothing of %j', (path) => {
    expect(methodsOf(path)).toEqual([]);
  });

  test('are those from the call on, not before', () => {
    const fastify = Fastify();
    fastify.get('/before', async () => '');
    const routes = recordRoutes(fastify);
    fastify.get('/after', { exposeHeadRoute: false }, async () => '');
    expect(routes.map(({ pattern, methods }) => [pattern.test('/after'), methods])).toEqual([[true, ['GET']]]);
  });
});
