import type { DatabaseReadiness, PrimaryMonitor } from '@app/database';
import type { FastifyInstance } from 'fastify';
import type { ProblemFilter } from './problem.filter.js';
import { isOfTheApi } from './route-of.js';

/**
 * While the primary lacks this build's schema every call of the API is 503 `schema_not_ready`, which names the way out.
 * A primary that is away is not asked for its schema: then what the follower can answer is answered.
 */
export function refuseWithoutSchema(
  fastify: FastifyInstance,
  readiness: DatabaseReadiness,
  primary: PrimaryMonitor,
  filter: ProblemFilter,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const isRefused = !readiness.isReady && primary.state === 'up' && isOfTheApi(request);
    if (!isRefused) return done();
    try {
      readiness.assertReady();
      done();
    } catch (error) {
      filter.answer(error, request, reply);
    }
  });
}
