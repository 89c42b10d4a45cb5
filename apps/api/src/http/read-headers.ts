import { requestReads } from '@app/database';
import type { FastifyReply } from 'fastify';

/** Shows how the request's reads were served, and the token of everything that its client has now seen. */
export function showReads(reply: FastifyReply): void {
  const reads = requestReads();
  if (reads === undefined) return;
  const { served, answerToken } = reads;
  if (answerToken !== undefined) reply.header('x-consistency-token', answerToken);
  if (reads.isReset) reply.header('x-consistency', 'reset');
  if (served === undefined) return;
  reply.header('x-db-route', served.target).header('x-db-route-reason', served.reason);
  const { stalenessMs } = reads;
  if (stalenessMs !== undefined) reply.header('x-db-staleness-ms', String(Math.ceil(stalenessMs)));
  if (served.degraded !== undefined) reply.header('x-db-degraded', served.degraded);
  const wait = served.waitMs > 0 ? `wait;dur=${served.waitMs.toFixed(1)}, ` : '';
  reply.header('server-timing', `${wait}db;dur=${served.databaseMs.toFixed(1)}`);
}
