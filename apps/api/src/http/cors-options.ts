const EXPOSED = [
  'Allow',
  'Link',
  'Location',
  'Retry-After',
  'X-Db-Route',
  'X-Db-Route-Reason',
  'X-Request-Id',
  'X-Total-Count',
];

/** Which other origins' pages may call the API: those named in CORS_ORIGINS, or any with `*`. No cookies are involved. */
export function corsOptions(origins: string[]) {
  return {
    origin: origins.includes('*') ? '*' : origins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Accept', 'Prefer', 'X-Request-Id'],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  };
}
