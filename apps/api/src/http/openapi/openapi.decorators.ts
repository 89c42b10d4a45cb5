import { documenting } from './documenting.js';

type Swagger = typeof import('@nestjs/swagger');

const NOTHING = () => () => undefined;
const SILENT = new Proxy({}, { get: () => NOTHING }) as Swagger;

/**
 * The decorators of @nestjs/swagger for the process that writes the document, and ones that do nothing for the process
 * that serves, which sends the document from a file: loading the library and keeping what the decorators say costs it
 * 11 MB (docs/adr/0020-serve-without-swagger.md). Import them from here only.
 */
export const {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiResponse,
  ApiTags,
} = documenting.isOn ? await import('@nestjs/swagger') : SILENT;

/** Where the document keeps a class's schema. */
export function schemaReference(type: { name: string }): { $ref: string } {
  return { $ref: `#/components/schemas/${type.name}` };
}
