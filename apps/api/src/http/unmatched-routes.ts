import { DomainError } from '@app/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { ProblemFilter } from './problem.filter.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Remembers every route that is registered from now on, so that a wrong method can name the right ones. */
export function recordRoutes(fastify: FastifyInstance): RecordedRoute[] {
  const routes: RecordedRoute[] = [];
  fastify.addHook('onRoute', ({ url, method }: RouteOptions) => {
    if (!url.includes('*')) routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  return routes;
}

export interface RecordedRoute {
  pattern: RegExp;
  methods: string[];
}

/** What no route takes: below /api 405 with `Allow` where the path is known, else 404; elsewhere `otherwise`. */
export function useUnmatchedRoutes(
  fastify: FastifyInstance,
  routes: RecordedRoute[],
  filter: ProblemFilter,
  otherwise: (request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(routes.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : [])));
    if (allowed.size === 0 || allowed.has(request.method)) {
      filter.answer(new DomainError('not_found', 'Not found'), request, reply);
      return;
    }
    reply.header('allow', [...allowed].sort().join(', '));
    filter.answer(new DomainError('method_not_allowed', 'Method not allowed'), request, reply);
  };
  for (const url of ['/api', '/api/*']) fastify.route({ method: [...METHODS, 'OPTIONS'], url, handler: refuse });
  fastify.route({ method: ['GET', 'HEAD'], url: '/*', handler: otherwise });
  fastify.route({ method: METHODS.filter((method) => !['GET', 'HEAD'].includes(method)), url: '/*', handler: refuse });
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[^/]+/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}
