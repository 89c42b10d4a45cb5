import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemBody, sendProblem } from './problem-body.js';
import { problemOfError, problemOfStatus } from './problem-of-error.js';
import { requestIdOf } from './request-id.js';

/** What Fastify refuses before any hook runs, such as an address that can't be decoded, gets the one error body, too. */
export function refuseBeforeHooks(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const requestId = requestIdOf(request.headers);
  reply.headers({ 'x-request-id': requestId, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  sendProblem(problemOfError(error), requestId, request, reply);
}

const STATUS_OF_PARSER_ERROR: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** What Node's HTTP parser refuses has no request to answer: the answer is written to the socket, which then ends. */
export function refuseUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400;
  const requestId = requestIdOf({});
  const body = JSON.stringify(problemBody(problemOfStatus(status), requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Type: application/json; charset=utf-8',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}
