import { currentContext, LOGGER, type Logger } from '@app/logging';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem-body.js';
import { problemOfError } from './problem-of-error.js';

/**
 * Turns whatever was thrown into the one error body. Failures of ours (5xx) are logged with their cause; no stack, SQL
 * or path ever leaves. Health checks keep the body that terminus gave them.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** For errors outside of Nest's routes. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    const health = healthCheckResult(error);
    if (health) {
      void reply.code(503).header('retry-after', '1').send(health);
      return;
    }
    const problem = problemOfError(error);
    if (problem.status >= 500) this.log(error, problem.status);
    sendProblem(problem, currentContext()?.requestId ?? '', request, reply);
  }

  private log(error: unknown, status: number): void {
    const cause = error instanceof Error ? error.cause : undefined;
    if (status === 500) this.logger.error({ err: error, cause }, 'request failed');
    else this.logger.warn({ reason: (error as Error).message, cause: (cause as Error)?.message }, 'request refused');
  }
}

/** The body of a failed check of terminus. */
function healthCheckResult(error: unknown): object | undefined {
  if (!(error instanceof HttpException)) return undefined;
  const body = error.getResponse();
  return typeof body === 'object' && 'details' in body && 'status' in body ? body : undefined;
}
