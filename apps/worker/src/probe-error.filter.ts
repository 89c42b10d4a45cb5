import { DomainError } from '@app/errors';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Answers for the probes and metrics: all that they refuse is "not now" (503), but for a wrong scrape token (401). */
@Catch(DomainError)
export class ProbeErrorFilter implements ExceptionFilter<DomainError> {
  catch(error: DomainError, host: ArgumentsHost): void {
    const status = error.code === 'invalid_token' ? 401 : 503;
    host.switchToHttp().getResponse<FastifyReply>().code(status).send({ error: error.message, code: error.code });
  }
}
