import { ApiError } from '../api/api-error';
import { messages } from './messages';

export interface Explanation {
  title: string;
  text: string;
  requestId: string;
}

const words: Record<string, { title: string; text: string }> = messages.errors;

function wordsFor(error: ApiError): { title: string; text: string } {
  const exact = words[error.code] ?? words[`http_${error.status}`];
  if (exact) return exact;
  if (error.status === 503) return messages.errors.busy;
  if (error.status >= 500) return messages.errors.broken;
  return { title: messages.errors.unknown.title, text: error.message };
}

/** What happened and what to do, in words; the API's own message only where nothing better is known. */
export function explainError(error: unknown): Explanation {
  if (error instanceof ApiError) return { ...wordsFor(error), requestId: error.requestId };
  return { ...messages.errors.unknown, requestId: '' };
}
