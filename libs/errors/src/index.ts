export { DomainError, type DomainErrorOptions, type FieldError } from './domain-error.js';
export { ERROR_CODES, type ErrorCode } from './error-codes.js';
