import { readFileSync } from 'node:fs';

/** The part of a schema that our document uses. */
export interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  nullable?: boolean;
  oneOf?: Schema[];
  format?: string;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
}

export interface Operation {
  method: string;
  /** With its parameters in braces. */
  path: string;
  parameters: { name: string; in: 'query' | 'path' | 'header'; required?: boolean; schema: Schema }[];
  body: Schema | undefined;
  /** Whether it takes a file as its body. */
  takesFile: boolean;
  isPublic: boolean;
  /** By status, then by content type. */
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

const document = JSON.parse(readFileSync(new URL('../../apps/api/openapi.json', import.meta.url), 'utf8'));

/** Every operation of apps/api/openapi.json. */
export function documentedOperations(): Operation[] {
  return Object.entries<Record<string, Record<string, never>>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]: [string, Record<string, never>]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      body: (operation.requestBody as never as Operation['responses'][string])?.content?.['application/json']?.schema,
      takesFile: 'text/csv' in ((operation.requestBody as never as Operation['responses'][string])?.content ?? {}),
      isPublic: operation.security === undefined,
      responses: operation.responses ?? {},
    })),
  );
}

export function resolveSchema(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
}

const FORMATS: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
};

/** What of a value is not as its schema says; properties that no schema names are faults as well. */
export function faultsOf(value: unknown, schema: Schema, place = '$'): string[] {
  const resolved = flatten(resolveSchema(schema));
  if (value === null) return resolved.nullable ? [] : [`${place} is null`];
  if (resolved.oneOf) {
    const faults = resolved.oneOf.map((choice) => faultsOf(value, choice, place));
    return faults.find((found) => found.length === 0) ?? faults.flat();
  }
  if (typeOf(value, resolved) !== resolved.type) return [`${place} is no ${resolved.type}: ${JSON.stringify(value)}`];
  if (resolved.enum && !resolved.enum.includes(value)) return [`${place} is none of ${resolved.enum}: ${value}`];
  if (typeof value === 'string') return faultsOfText(value, resolved, place);
  if (typeof value === 'number') return isWithin(value, resolved) ? [] : [`${place} is out of range: ${value}`];
  if (Array.isArray(value))
    return value.flatMap((item, index) => faultsOf(item, resolved.items ?? {}, `${place}[${index}]`));
  return typeof value === 'object' ? faultsOfObject(value as Record<string, unknown>, resolved, place) : [];
}

function faultsOfObject(
  value: Record<string, unknown>,
  { properties, required = [] }: Schema,
  place: string,
): string[] {
  // An object without properties in its schema may be any.
  if (properties === undefined) return [];
  const missing = required.filter((name) => !(name in value)).map((name) => `${place}.${name} is missing`);
  const present = Object.entries(value).flatMap(([name, child]) => {
    const schema = properties[name];
    return schema ? faultsOf(child, schema, `${place}.${name}`) : [`${place}.${name} is not documented`];
  });
  return [...missing, ...present];
}

function faultsOfText(
  value: string,
  { format, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema,
  place: string,
) {
  const length = [...value].length;
  if (length < minLength || length > maxLength) return [`${place} has ${length} characters`];
  const isFine = FORMATS[format ?? '']?.test(value) ?? true;
  return isFine ? [] : [`${place} is no ${format}: ${value}`];
}

function isWithin(value: number, { minimum = -Infinity, maximum = Infinity }: Schema): boolean {
  return value >= minimum && value <= maximum;
}

/** `allOf` is used for references that carry a description or may be null: one schema. */
function flatten({ allOf = [], ...own }: Schema): Schema {
  return Object.assign({}, ...allOf.map(resolveSchema), own);
}

function typeOf(value: unknown, schema: Schema): string | undefined {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) && schema.type === 'integer' ? 'integer' : 'number';
  // A schema without a type takes anything.
  return schema.type === undefined ? undefined : typeof value;
}
