import { DomainError } from '@app/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The routes that take files: their bodies are not read before the route does it, and not bounded by the usual limits. */
const FILE_ROUTES: ReadonlySet<string> = new Set(['/api/imports']);

/** Whether a request's body is a file, for its route to read piece by piece. */
export function takesFile(request: FastifyRequest): boolean {
  return request.method === 'POST' && FILE_ROUTES.has(request.routeOptions.url ?? '');
}

/** Leaves the bodies of files to their routes, and refuses every type that no route takes. */
export function useFileBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(['text/csv', 'multipart/form-data'], (request, payload, done) => {
    if (takesFile(request)) done(null, payload);
    else done(unsupported(request));
  });
  fastify.addContentTypeParser('*', (request, _payload, done) => done(unsupported(request)));
}

function unsupported(request: FastifyRequest): DomainError {
  const wanted = takesFile(request) ? 'text/csv, or multipart/form-data with a part named file' : 'application/json';
  return new DomainError('unsupported_media_type', `Send ${wanted}`);
}
