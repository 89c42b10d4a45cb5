import { DomainError } from '@app/errors';

export type RowFormat = 'json' | 'ndjson' | 'csv';

export const CONTENT_TYPES: Record<RowFormat, string> = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

const FORMAT_OF_TYPE: ReadonlyMap<string, RowFormat> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/problem+json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['text/csv', 'csv'],
  ['text/*', 'csv'],
]);

/** The form of the rows that `Accept` likes best; JSON without one. @throws DomainError `not_acceptable`. */
export function formatOf(accept: string | undefined): RowFormat {
  if (!accept) return 'json';
  const wanted = accept
    .split(',')
    .map(readPreference)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type } of wanted) {
    const format = FORMAT_OF_TYPE.get(type);
    if (format !== undefined) return format;
  }
  throw new DomainError('not_acceptable', 'Lists are application/json, application/x-ndjson or text/csv');
}

function readPreference(part: string): { type: string; quality: number } {
  const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
}
