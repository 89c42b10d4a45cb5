import { describe, expect, test } from 'vitest';
import { formatOf, type RowFormat } from './row-format.js';

describe('the form of the rows', () => {
  test.each<[string | undefined, RowFormat]>([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/problem+json', 'json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'json'],
    ['TEXT/CSV', 'csv'],
    ['text/*', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['application/json;q=0.5,application/x-ndjson;q=0.9,text/csv;q=0.7', 'ndjson'],
    ['text/csv, application/json', 'csv'],
    ['text/csv;q=0, */*;q=0.1', 'json'],
    ['text/csv;q=nonsense, application/x-ndjson;q=0.1', 'ndjson'],
    ['text/csv ; header=present ; Q=0.1 , application/json', 'json'],
  ])('for %j is %s', (accept, format) => {
    expect(formatOf(accept)).toBe(format);
  });

  test.each(['text/html', 'image/*', 'application/json;q=0', 'text/csv;q=0.0', 'json', '*', 'constructor'])(
    'for %j does not exist',
    (accept) => {
      expect(() => formatOf(accept)).toThrow(expect.objectContaining({ code: 'not_acceptable' }));
    },
  );
});
