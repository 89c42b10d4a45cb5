import type { AttemptOutcome } from './attempt-outcome.js';

/** A name that leads to where nothing may be sent. */
export class TargetRefusedError extends Error {
  constructor() {
    super('The host resolves to an address that is not public');
    this.name = 'TargetRefusedError';
  }
}

/** Node's codes for what receivers do wrong most often. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused',
  ECONNRESET: 'The connection was closed before an answer',
  EPIPE: 'The connection was closed before an answer',
  EHOSTUNREACH: 'The host cannot be reached',
  ENETUNREACH: 'The host cannot be reached',
  ETIMEDOUT: 'The host cannot be reached',
  ENOTFOUND: 'The host name is not known',
  EAI_AGAIN: 'The host name could not be resolved',
  HPE_HEADER_OVERFLOW: 'The headers of the answer are too large',
};
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ALTNAME/;

/** The outcome of an attempt that got no answer. */
export function outcomeOfError(error: unknown, limitMs: number): Omit<AttemptOutcome, 'durationMs'> {
  if (error instanceof TargetRefusedError) return { result: 'refused', status: null, error: error.message };
  return { result: 'failed', status: null, error: describe(error, limitMs) };
}

function describe(error: unknown, limitMs: number): string {
  const { code = '', name, errors } = error as { code?: string; name?: string; errors?: unknown[] };
  if (name === 'AbortError' || name === 'TimeoutError') return `No answer within ${limitMs / 1_000} seconds`;
  // Of several addresses none could be connected to; the first failure is as good as any.
  if (Array.isArray(errors) && errors.length > 0) return describe(errors[0], limitMs);
  const words = WORDS[code];
  if (words !== undefined) return words;
  if (code.startsWith('HPE_')) return 'The answer was not HTTP';
  if (CERTIFICATE.test(code)) return `The certificate is not valid (${code})`;
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'The TLS connection could not be set up';
  return 'The delivery failed';
}
