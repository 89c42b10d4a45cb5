import { STATUS_CODES } from 'node:http';
import type { FieldError } from '@app/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

const PROBLEM_TYPE = 'application/problem+json';

/** One body for clients of the Go service, which read `error`, and for those that know RFC 9457's fields. */
export interface ProblemBody {
  error: string;
  type: string;
  title: string;
  status: number;
  code: string;
  request_id: string;
  errors: FieldError[];
  /** Only where a cursor of the change log is no longer good. */
  next_cursor?: string;
}

export interface Problem {
  status: number;
  code: string;
  message: string;
  fields: FieldError[];
  headers: Record<string, string>;
  nextCursor?: string;
}

export function problemBody(problem: Problem, requestId: string): ProblemBody {
  return {
    error: problem.message,
    type: 'about:blank',
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    request_id: requestId,
    errors: problem.fields,
    next_cursor: problem.nextCursor,
  };
}

/** Answers with the problem: as problem+json for those who ask for it, as plain JSON for everybody else. */
export function sendProblem(problem: Problem, requestId: string, request: FastifyRequest, reply: FastifyReply): void {
  const wantsProblem = String(request.headers.accept ?? '').includes(PROBLEM_TYPE);
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', wantsProblem ? PROBLEM_TYPE : 'application/json; charset=utf-8')
    .send(JSON.stringify(problemBody(problem, requestId)));
}
