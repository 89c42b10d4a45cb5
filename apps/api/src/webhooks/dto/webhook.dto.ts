import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsOptional, IsString, ValidateIf } from 'class-validator';
import { HasCharacters } from '../../http/has-characters.decorator.js';
import { ApiProperty, ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

const MAX_TYPES = 50;
const TYPES = `event_types must be a list of 1 to ${MAX_TYPES} texts`;
const TYPES_DOC = {
  type: [String] as [StringConstructor],
  example: ['customer.*', 'account.created'],
  minItems: 1,
  maxItems: MAX_TYPES,
  description: '`*` for all, `customer.*` for all of one entity, `customer.created` for one type',
};
const URL_DOC = {
  example: 'https://example.com/hooks',
  maxLength: 2048,
  description: 'https, and an address on the public internet',
};
const DESCRIPTION_DOC = { example: 'Billing', maxLength: 255, nullable: true, type: String };
const ENABLED = 'enabled must be true or false';

/** Left out, unlike null, which is refused by what follows. */
const IfGiven = () => ValidateIf((_object, value) => value !== undefined);

export class CreateWebhookDto {
  @ApiProperty(URL_DOC)
  @HasCharacters(1, 2048)
  url: string;

  @ApiProperty(TYPES_DOC)
  @IsString({ each: true, message: TYPES })
  @ArrayMaxSize(MAX_TYPES, { message: TYPES })
  @ArrayMinSize(1, { message: TYPES })
  @IsArray({ message: TYPES })
  event_types: string[];

  @ApiPropertyOptional(DESCRIPTION_DOC)
  @IsOptional()
  @HasCharacters(0, 255)
  description?: string | null;

  @ApiPropertyOptional({ type: Boolean, default: true })
  @IfGiven()
  @IsBoolean({ message: ENABLED })
  enabled?: boolean;
}

export class UpdateWebhookDto {
  @ApiPropertyOptional(URL_DOC)
  @IfGiven()
  @HasCharacters(1, 2048)
  url?: string;

  @ApiPropertyOptional(TYPES_DOC)
  @IfGiven()
  @IsString({ each: true, message: TYPES })
  @ArrayMaxSize(MAX_TYPES, { message: TYPES })
  @ArrayMinSize(1, { message: TYPES })
  @IsArray({ message: TYPES })
  event_types?: string[];

  @ApiPropertyOptional(DESCRIPTION_DOC)
  @IsOptional()
  @HasCharacters(0, 255)
  description?: string | null;

  @ApiPropertyOptional({ type: Boolean, description: 'true goes on where the endpoint stopped' })
  @IfGiven()
  @IsBoolean({ message: ENABLED })
  enabled?: boolean;
}
