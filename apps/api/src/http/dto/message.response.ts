import { ApiProperty } from '../openapi/openapi.decorators.js';

export class MessageResponse {
  @ApiProperty()
  message: string;
}
