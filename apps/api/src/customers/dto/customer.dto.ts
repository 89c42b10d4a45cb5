import { HasCharacters } from '../../http/has-characters.decorator.js';
import { IsHtmlEmail } from '../../http/is-html-email.decorator.js';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

export class CustomerDto {
  @ApiProperty({ example: 'Jane Miller', minLength: 1, maxLength: 255 })
  @HasCharacters(1, 255)
  name: string;

  @ApiProperty({ example: 'jane@example.com', format: 'email', maxLength: 255 })
  @IsHtmlEmail()
  email: string;
}

export class CustomerResponse {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Jane Miller' })
  name: string;

  @ApiProperty({ example: 'jane@example.com' })
  email: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:17:21.479120Z' })
  created_at: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:17:21.479120Z' })
  updated_at: string;
}
