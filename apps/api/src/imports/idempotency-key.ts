import { DomainError } from '@app/errors';
import type { FastifyRequest } from 'fastify';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key under which a request counts once; undefined without the header. @throws DomainError `validation_failed`. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY.test(key)) return key;
  const message = 'Idempotency-Key must have 1 to 255 visible ASCII characters';
  throw new DomainError('validation_failed', message, {
    fields: [{ field: 'Idempotency-Key', code: 'invalid', message }],
  });
}
