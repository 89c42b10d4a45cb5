import { DomainError, type FieldError } from '@app/errors';
import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';

/**
 * Checks bodies (and queries that have one) against their DTO. Unknown fields are dropped, never stored; messages begin with the field's name. No
 * conversion: a number sent as text is refused, as the Go service did. Path values have pipes of their own.
 */
export class DtoValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      stopAtFirstError: true,
      exceptionFactory: (errors: ValidationError[]) => {
        const fields = errors.flatMap(fieldErrors);
        const message = fields.map((field) => field.message).join('; ');
        return new DomainError('validation_failed', message || 'Invalid body', { fields });
      },
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return metadata.type === 'body' || metadata.type === 'query' ? super.transform(value, metadata) : value;
  }
}

function fieldErrors(error: ValidationError): FieldError[] {
  return Object.entries(error.constraints ?? {}).map(([code, message]) => ({
    field: error.property,
    code: code.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^is_/, ''),
    message,
  }));
}
