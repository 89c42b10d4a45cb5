import { requestReads } from '@app/database';
import type { DrainState } from '@app/health';
import { type Logger, runInContext } from '@app/logging';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { showReads } from './read-headers.js';
import type { RequestMetrics } from './request.metrics.js';
import { requestIdOf } from './request-id.js';
import { isOfTheApi } from './route-of.js';

/** Who made a request, for the log; set by the access guard. */
interface MaybeSignedIn {
  user?: { id: number; organizationId: number };
}

/**
 * Around every request: its id (taken over if well-formed), the context that logs and reads join, one log line and the
 * metrics at the end, and the headers that every answer of the API carries.
 */
export function useRequestHooks(
  fastify: FastifyInstance,
  logger: Logger,
  metrics: RequestMetrics,
  drain: DrainState,
): void {
  // The line's fields are known and none is secret, and searching each line for secrets cost a tenth of a request.
  const requestLog = logger.child({}, { redact: [] });
  fastify.addHook('onRequest', (request, reply, done) => {
    const requestId = requestIdOf(request.headers);
    reply.header('x-request-id', requestId);
    reply.header('x-content-type-options', 'nosniff');
    if (isOfTheApi(request)) reply.header('cache-control', 'no-store');
    runInContext({ requestId }, done);
  });

  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    showReads(reply);
    if (drain.isDraining) reply.header('connection', 'close');
    done();
  });

  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    // A stream of events takes as long as its reader likes, which says nothing about us.
    const isStream = reply.getHeader('content-type')?.toString().startsWith('text/event-stream');
    if (!isStream) metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    if (isWorthALine(request, reply)) requestLog.info(logLine(request, reply, route), 'request');
    // A connection kept for a next request would keep the process from ending; an answer's head may have promised that.
    if (drain.isDraining) request.raw.socket.end();
    done();
  });
}

/** Probes and scrapes come every few seconds for ever: they are logged only when they fail. */
function isWorthALine(request: FastifyRequest, reply: FastifyReply): boolean {
  const isProbe = request.url.startsWith('/health') || request.url === '/metrics';
  return !isProbe || reply.statusCode >= 400;
}

function logLine(request: FastifyRequest, reply: FastifyReply, route: string) {
  const { user } = request as MaybeSignedIn;
  const reads = requestReads();
  const served = reads?.served;
  return {
    method: request.method,
    route,
    path: request.url.split('?', 1)[0]?.slice(0, 200),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 100) / 100,
    user_id: user?.id,
    organization_id: user?.organizationId,
    db_route: served?.target,
    db_route_reason: served?.reason,
    db_staleness_ms: reads?.stalenessMs && Math.ceil(reads.stalenessMs),
  };
}
