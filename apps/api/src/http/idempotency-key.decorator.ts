import { DomainError } from '@app/errors';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from './openapi/openapi.decorators.js';

const HEADER = 'Idempotency-Key';
/** Visible ASCII: whatever makes a key, it is compared as it is. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The caller's Idempotency-Key; undefined where there is none.
 *
 * @throws DomainError `validation_failed` for one that is no key.
 */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY.test(key)) return key;
  const message = `${HEADER} must be 1 to 255 visible ASCII characters`;
  throw new DomainError('validation_failed', message, { fields: [{ field: HEADER, code: 'invalid', message }] });
});

/** Says of an answer that it is the one to an earlier request with the same key. */
export const REPLAYED_HEADER = 'idempotent-replayed';

/** Documents the header of requests. */
export function ApiIdempotencyKey(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description: 'A name of your own for this request: sent again within 24 hours, it is not done a second time',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  );
}

/** Documents the header of answers. */
export const REPLAYED_HEADERS = {
  'Idempotent-Replayed': {
    description: 'Only where the request had been made before, with the same Idempotency-Key',
    schema: { type: 'string' as const, enum: ['true'] },
  },
};
