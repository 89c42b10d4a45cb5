/** Which server answered a read, and why that one (`X-Db-Route`, `X-Db-Route-Reason`). */
export interface DbRoute {
  target: string;
  reason: string;
}

/** Null when the answer does not say. */
export function dbRouteOf(response: Response): DbRoute | null {
  const target = response.headers.get('x-db-route');
  return target === null ? null : { target, reason: response.headers.get('x-db-route-reason') ?? '' };
}
