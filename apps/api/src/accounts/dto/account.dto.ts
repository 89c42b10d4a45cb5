import { ACCOUNT_STATUSES } from '@app/accounts';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { HasCharacters } from '../../http/has-characters.decorator.js';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

export class CreateAccountDto {
  @ApiProperty({ type: 'integer', example: 1 })
  @Max(Number.MAX_SAFE_INTEGER)
  @Min(Number.MIN_SAFE_INTEGER)
  @IsInt({ message: 'customer_id must be an integer' })
  customer_id: number;

  @ApiProperty({ example: 'Main account', minLength: 1, maxLength: 255 })
  @HasCharacters(1, 255)
  name: string;

  @ApiProperty({ enum: ACCOUNT_STATUSES })
  @IsIn(ACCOUNT_STATUSES, { message: `status must be one of ${ACCOUNT_STATUSES.join(', ')}` })
  status: string;
}

export class UpdateAccountDto {
  @ApiProperty({ example: 'Main account', minLength: 1, maxLength: 255 })
  @HasCharacters(1, 255)
  name: string;

  @ApiProperty({ description: `One of ${ACCOUNT_STATUSES.join(', ')}, or the present value`, example: 'inactive' })
  @HasCharacters(1, 50)
  status: string;
}

export class AccountResponse {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ type: 'integer', example: 1 })
  customer_id: number;

  @ApiProperty({ example: 'Main account' })
  name: string;

  @ApiProperty({
    description: `One of ${ACCOUNT_STATUSES.join(', ')}; adopted rows may have others`,
    example: 'active',
  })
  status: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:17:21.479120Z' })
  created_at: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:17:21.479120Z' })
  updated_at: string;
}
