import type { FastifyRequest } from 'fastify';

/**
 * Whether a request was routed to the API. By its route and not by its address, which can be written in several ways that
 * lead to the same route: `/%61pi/customers`, or with scheme and host in front, as it is sent to a proxy. Where no route
 * was found, by its address: its answer, too, is for nobody to keep.
 */
export function isOfTheApi({ routeOptions, url }: Pick<FastifyRequest, 'routeOptions' | 'url'>): boolean {
  return (routeOptions.url ?? url).startsWith('/api/');
}
