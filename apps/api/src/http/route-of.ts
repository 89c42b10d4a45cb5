import type { FastifyRequest } from 'fastify';

/**
 * Whether a request was routed to the API. By its route and not by its address, which can be written in several ways that
 * lead to the same route: `/%61pi/customers`, or with scheme and host in front, as it is sent to a proxy.
 */
export function isOfTheApi({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean {
  return routeOptions.url?.startsWith('/api/') ?? false;
}
