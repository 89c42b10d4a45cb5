import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseUnparsable } from './early-refusals.js';
import { takesFile } from './file-body.parser.js';

/** How long a body may take to arrive; files have limits of their own. */
const BODY_LIMIT_MS = 30_000;
/** What is still read of a body that was answered before its end: a sender who is still sending does not hear the answer otherwise. */
const LEFTOVER_LIMIT_MS = 5_000;
const LEFTOVER_LIMIT_BYTES = 16_777_216;

const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();

/**
 * Bounds how long bodies take. Node's own limit is one for all requests of a server, and a file may take an hour. Late bodies are
 * answered 408; of a body that is not wanted a part is read and then the connection ended.
 */
export function boundBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (hasBody && !takesFile(request)) timers.set(request, setTimeout(refuseLate, BODY_LIMIT_MS, request));
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    forget(request);
    done();
  });
  fastify.addHook('onResponse', (request, _reply, done) => {
    forget(request);
    if (!request.raw.complete) readLeftovers(request);
    done();
  });
}

function forget(request: FastifyRequest): void {
  clearTimeout(timers.get(request));
}

function refuseLate({ raw }: FastifyRequest): void {
  refuseUnparsable(
    Object.assign(new Error('The body took too long'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
    raw.socket,
  );
}

function readLeftovers({ raw }: FastifyRequest): void {
  const { socket } = raw;
  const most = socket.bytesRead + LEFTOVER_LIMIT_BYTES;
  // A connection whose body has come in whole may carry the next request by now.
  const end = (): void => void (raw.complete || socket.destroy());
  const timer = setTimeout(end, LEFTOVER_LIMIT_MS);
  raw.once('close', () => clearTimeout(timer));
  raw.on('error', () => undefined);
  // Whoever gave the body up in the middle may still be listening, and nothing flows to two.
  raw.unpipe();
  raw.removeAllListeners('readable');
  raw.on('data', () => socket.bytesRead > most && end());
  raw.resume();
}
