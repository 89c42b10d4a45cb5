import type { ErrorCode } from './error-codes.js';

/** What is wrong with one field of an input, in words for the person who sent it. */
export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export interface DomainErrorOptions {
  cause?: unknown;
  fields?: FieldError[];
  /** Seconds after which asking again makes sense; only for failures that pass by themselves. */
  retryAfterSeconds?: number;
  /** Where a reader of the change log goes on whose cursor is no longer good. */
  nextCursor?: string;
}

/**
 * The one error that libs throw on purpose. `message` is shown to clients as it is, so it never holds SQL, paths or
 * values of secrets; `cause` is for the log alone. Not for bugs: those stay plain errors and become a 500.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly fields: FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly nextCursor: string | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.nextCursor = options.nextCursor;
  }
}
