import { demandOfReads } from '@app/database';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isOfTheApi } from './route-of.js';

/**
 * Takes over what a client demands of the reads that its request leads to: `X-Consistency-Token`, and on GET and HEAD
 * `X-Read-Preference`. Answers 400 to either when it is malformed. Runs after the access guard, so that nobody learns from
 * it before having signed in.
 */
@Injectable()
export class ReadDemandGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!isOfTheApi(request)) return true;
    const { method, headers } = request;
    const token = headers['x-consistency-token'];
    const preference = method === 'GET' || method === 'HEAD' ? headers['x-read-preference'] : undefined;
    if (token !== undefined || preference !== undefined) demandOfReads(one(token), one(preference));
    return true;
  }
}

/** A header that came twice has no meaning of its own: it is refused as malformed. */
function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join() : header;
}
