import createClient from 'openapi-fetch';
import { ApiError, toApiError } from './api-error';
import type { paths } from './schema';

/** The API as its OpenAPI document describes it. `schema.d.ts` is generated: `npm run generate`. */
export const api = createClient<paths, 'application/json'>({ baseUrl: '' });

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** An answer's body and the response it came with, whose headers some pages show. */
export interface Answer<T> {
  data: T;
  response: Response;
}

/**
 * Turns every way in which a call can fail into an `ApiError`: a refusal, an answer that is not the API's, no answer.
 * A call that was given up on purpose keeps its AbortError.
 */
export async function answerOf<T>(call: Promise<Outcome<T>>): Promise<Answer<T>> {
  let outcome: Outcome<T>;
  try {
    outcome = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('', { cause });
  }
  if (!outcome.response.ok || outcome.data === undefined) throw toApiError(outcome.response, outcome.error);
  return { data: outcome.data, response: outcome.response };
}
