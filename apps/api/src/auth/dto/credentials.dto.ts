import { HasCharacters } from '../../http/has-characters.decorator.js';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

export class RegisterDto {
  @ApiProperty({ example: 'jane', minLength: 1, maxLength: 255 })
  @HasCharacters(1, 255)
  username: string;

  @ApiProperty({ example: 'correct horse battery', minLength: 8, maxLength: 256 })
  @HasCharacters(1, 256)
  password: string;
}

export class LoginDto {
  @ApiProperty({ example: 'admin' })
  @HasCharacters(1, 255)
  username: string;

  @ApiProperty({ example: 'admin123' })
  @HasCharacters(1, 256)
  password: string;
}

export class TokenResponse {
  @ApiProperty({ description: 'To be sent as `Authorization: Bearer <token>`' })
  token: string;

  @ApiProperty({ example: 'Bearer' })
  token_type: string;

  @ApiProperty({ description: 'Seconds until it expires', example: 86400 })
  expires_in: number;
}
