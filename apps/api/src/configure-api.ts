import { join } from 'node:path';
import { Configuration } from '@app/config';
import { DatabaseReadiness, PrimaryMonitor } from '@app/database';
import { DrainState } from '@app/health';
import { LOGGER, type Logger } from '@app/logging';
import fastifyStatic from '@fastify/static';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { applicationFiles } from './http/application-files.js';
import { boundBodies } from './http/body-limits.js';
import { corsOptions } from './http/cors-options.js';
import { refuseBeforeHooks, refuseUnparsable } from './http/early-refusals.js';
import { useFileBodies } from './http/file-body.parser.js';
import { useJsonBodies } from './http/json-body.parser.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RequestMetrics } from './http/request.metrics.js';
import { useRequestHooks } from './http/request-hooks.js';
import { refuseWithoutSchema } from './http/schema-gate.js';
import { recordRoutes, useUnmatchedRoutes } from './http/unmatched-routes.js';
import { DtoValidationPipe } from './http/validation.pipe.js';
import { installationFolder } from './installation-folder.js';
import { useSwaggerUi } from './swagger/swagger-ui.js';

const BODY_LIMIT_BYTES = 100_000;
const HEADERS_LIMIT_MS = 30_000;
/** As long as a request's head can be: an id of any length is refused as an id and not as an unknown path. */
const MAX_PARAMETER_LENGTH = 16_384;

/** The HTTP server of the API, before Nest has put its routes on it. */
export function createHttpAdapter(options: { trustProxy: boolean }): FastifyAdapter {
  return new FastifyAdapter({
    trustProxy: options.trustProxy,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Of a whole request, which may be a file: body-limits.ts bounds the others.
    requestTimeout: 0,
    frameworkErrors: refuseBeforeHooks,
    clientErrorHandler: refuseUnparsable,
  });
}

/**
 * Everything that makes a Nest application the API: hooks, bodies, validation, errors, Swagger UI, the admin
 * application and the answers to unknown paths. Used by main.ts and by nothing else that would do it differently.
 */
export async function configureApi(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const logger = app.get<Logger>(LOGGER);
  const filter = new ProblemFilter(logger);
  const root = installationFolder();
  const { corsOrigins } = app.get(Configuration).http;
  const routes = recordRoutes(fastify);
  app.useGlobalPipes(new DtoValidationPipe());
  app.useGlobalFilters(filter);
  if (corsOrigins.length > 0) app.enableCors(corsOptions(corsOrigins));
  useRequestHooks(fastify, logger, app.get(RequestMetrics), app.get(DrainState));
  refuseWithoutSchema(fastify, app.get(DatabaseReadiness), app.get(PrimaryMonitor), filter);
  boundBodies(fastify);
  useJsonBodies(fastify);
  useFileBodies(fastify);
  fastify.server.headersTimeout = HEADERS_LIMIT_MS;
  await app.register(fastifyStatic as never, { root, serve: false });
  useSwaggerUi(fastify, join(root, 'apps/api/openapi.json'));
  useUnmatchedRoutes(fastify, routes, filter, applicationFiles(join(root, 'frontend/dist'), filter));
  await app.init();
}
