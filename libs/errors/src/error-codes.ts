/**
 * Every reason for which Tandem refuses or fails a request. The HTTP edge maps each code to a status by an exhaustive
 * table, so a code added here without a status there does not compile.
 */
export const ERROR_CODES = [
  'account_not_found',
  'analytics_shed',
  'customer_not_found',
  'customer_unknown',
  'email_taken',
  'follower_unavailable',
  'forbidden',
  'idempotency_key_reused',
  'invalid_consistency_token',
  'invalid_credentials',
  'invalid_cursor',
  'invalid_id',
  'invalid_read_preference',
  'invalid_token',
  'job_not_cancellable',
  'job_not_found',
  'job_not_retryable',
  'malformed_body',
  'method_not_allowed',
  'not_acceptable',
  'not_found',
  'not_ready',
  'payload_too_large',
  'password_too_weak',
  'primary_unavailable',
  'queue_unavailable',
  'registration_closed',
  'schema_not_ready',
  'statement_timeout',
  'stream_slots_exhausted',
  'unsupported_media_type',
  'username_taken',
  'validation_failed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
