import { STATUS_CODES } from 'node:http';
import type { FieldError } from '@app/errors';

/** One body for clients of the Go service, which read `error`, and for those that know RFC 9457's fields. */
export interface ProblemBody {
  error: string;
  type: string;
  title: string;
  status: number;
  code: string;
  request_id: string;
  errors: FieldError[];
}

export interface Problem {
  status: number;
  code: string;
  message: string;
  fields: FieldError[];
  headers: Record<string, string>;
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
  };
}
