/** What a call that did not succeed says, in one shape for every cause. */
export class ApiError extends Error {
  /** The HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** The API's machine-readable reason, such as `email_taken`; `unreachable` when no answer came. */
  readonly code: string;
  /** What to quote to an operator; empty when no answer came. */
  readonly requestId: string;
  /** What is wrong with each field of the input, by the field's name. */
  readonly fields: Record<string, string>;
  /** How long to wait before asking again, where the API said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, facts: Partial<Omit<ApiError, 'name' | 'message'>> = {}) {
    super(message, { cause: facts.cause });
    this.name = 'ApiError';
    this.status = facts.status ?? 0;
    this.code = facts.code ?? 'unreachable';
    this.requestId = facts.requestId ?? '';
    this.fields = facts.fields ?? {};
    this.retryAfterMs = facts.retryAfterMs;
  }

  /** Whether the same call may succeed later without anything being changed. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

interface ProblemBody {
  error?: unknown;
  code?: unknown;
  request_id?: unknown;
  errors?: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The first message of each field: a form shows one at a time. */
function fieldMessages(errors: unknown): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const item of Array.isArray(errors) ? errors : []) {
    if (isRecord(item) && text(item.field)) messages[text(item.field)] ??= text(item.message);
  }
  return messages;
}

/** Seconds or an HTTP date, as RFC 9110 allows; undefined for anything else. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Reads an answer that is no success. `body` is what the client parsed: the problem body, a text, or nothing. */
export function toApiError(response: Response, body: unknown): ApiError {
  const problem: ProblemBody = isRecord(body) ? body : {};
  return new ApiError(text(problem.error) || `${response.status} ${response.statusText}`.trim(), {
    status: response.status,
    code: text(problem.code) || `http_${response.status}`,
    requestId: text(problem.request_id) || (response.headers.get('x-request-id') ?? ''),
    fields: fieldMessages(problem.errors),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  });
}
