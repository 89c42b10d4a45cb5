import { ApiProperty } from '../openapi/openapi.decorators.js';

export class FieldErrorResponse {
  @ApiProperty({ example: 'email' })
  field: string;

  @ApiProperty({ example: 'email' })
  code: string;

  @ApiProperty({ example: 'email must be an e-mail address of at most 255 characters' })
  message: string;
}

export class ProblemResponse {
  @ApiProperty({ example: 'Customer not found' })
  error: string;

  @ApiProperty({ example: 'about:blank' })
  type: string;

  @ApiProperty({ example: 'Not Found' })
  title: string;

  @ApiProperty({ example: 404 })
  status: number;

  @ApiProperty({ example: 'customer_not_found' })
  code: string;

  @ApiProperty({ description: 'Also in X-Request-Id and in the log' })
  request_id: string;

  @ApiProperty({ type: [FieldErrorResponse] })
  errors: FieldErrorResponse[];

  @ApiProperty({ required: false, description: 'With 410 of the change log: where to go on' })
  next_cursor?: string;
}
