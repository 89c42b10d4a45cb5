const EXPOSED = [
  'Allow',
  'Idempotent-Replayed',
  'Link',
  'Location',
  'Retry-After',
  'Server-Timing',
  'X-Consistency',
  'X-Consistency-Token',
  'X-Db-Degraded',
  'X-Db-Route',
  'X-Db-Route-Reason',
  'X-Db-Staleness-Ms',
  'X-Request-Id',
  'X-Total-Count',
];

/** Which other origins' pages may call the API: those named in CORS_ORIGINS, or any with `*`. No cookies are involved. */
export function corsOptions(origins: string[]) {
  return {
    origin: origins.includes('*') ? '*' : origins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Accept',
      'Idempotency-Key',
      'Prefer',
      'X-Consistency-Token',
      'X-Read-Preference',
      'X-Request-Id',
    ],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  };
}
