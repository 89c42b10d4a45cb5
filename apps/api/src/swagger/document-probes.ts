import type { OpenAPIObject } from '@nestjs/swagger';

const PROBE = {
  description: 'The checks by name',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          status: { type: 'string', enum: ['ok', 'degraded', 'error'] },
          info: { type: 'object' },
          error: { type: 'object' },
          details: { type: 'object' },
        },
      },
    },
  },
} as const;

const OVERVIEW = {
  description: 'The overview that clients of the Go service know',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['status', 'database', 'analytics_db'],
        properties: {
          status: { type: 'string', enum: ['healthy', 'unhealthy'] },
          database: { type: 'string', enum: ['connected', 'disconnected'] },
          analytics_db: { type: 'string', enum: ['connected', 'disconnected', 'using primary'] },
        },
      },
    },
  },
} as const;

const TEXT = { description: 'Prometheus text', content: { 'text/plain': { schema: { type: 'string' } } } } as const;

/**
 * Describes the probes and the scrape. Their controllers are the worker's too, where Swagger must not be loaded, so
 * what other controllers say by decorators is said here.
 */
export function documentProbes(document: OpenAPIObject): void {
  const describe = (path: string, summary: string, responses: Record<string, object>): void => {
    const operation = document.paths[path]?.get;
    if (operation === undefined) throw new Error(`${path} is not a route any more`);
    Object.assign(operation, { tags: ['operations'], summary, responses });
  };
  describe('/health', 'Whether the databases answer; 503 only without the primary', { 200: OVERVIEW, 503: OVERVIEW });
  describe('/health/live', 'The process answers', { 200: { ...PROBE, description: 'Alive' } });
  describe('/health/startup', 'Whether the primary was reached and its schema is right', { 200: PROBE, 503: PROBE });
  describe('/health/ready', 'Whether this process should get requests', { 200: PROBE, 503: PROBE });
  describe('/metrics', 'Metrics; with METRICS_TOKEN only for its bearer', {
    200: TEXT,
    401: { description: 'Wrong token' },
  });
}
