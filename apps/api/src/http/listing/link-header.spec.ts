import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkHeader } from './link-header.js';

/** The target of each relation. */
function linksOf(header: string): Record<string, string> {
  return Object.fromEntries([...header.matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, url, rel]) => [rel, url]));
}

describe('linkHeader', () => {
  test('names the first page always, the others where they exist', () => {
    expect(linkHeader('/api/customers?limit=2', {})).toBe('</api/customers?limit=2>; rel="first"');
    expect(linkHeader('/api/customers?limit=2&cursor=old', { next: 'n', previous: 'p' })).toBe(
      '</api/customers?limit=2>; rel="first", </api/customers?limit=2&cursor=p>; rel="prev", </api/customers?limit=2&cursor=n>; rel="next"',
    );
  });

  test('of a first page that was asked for by its cursor alone has no query', () => {
    expect(linksOf(linkHeader('/api/customers?cursor=c', { next: 'n' }))).toEqual({
      first: '/api/customers',
      next: '/api/customers?cursor=n',
    });
  });

  test('replaces every cursor of the address', () => {
    expect(linksOf(linkHeader('/api/customers?cursor=a&limit=1&cursor=b', { next: 'n' })).next).toBe(
      '/api/customers?limit=1&cursor=n',
    );
  });

  test('keeps what follows a question mark within a value', () => {
    const { next } = linksOf(linkHeader('/api/customers?q=who?&limit=2', { next: 'n' }));
    expect(Object.fromEntries(new URLSearchParams(next?.split('?')[1]))).toEqual({
      q: 'who?',
      limit: '2',
      cursor: 'n',
    });
  });

  test('keeps every search as it was, and lets none of it out of the angle brackets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (q) => {
        const header = linkHeader(`/api/customers?${new URLSearchParams({ q, limit: '2' })}`, { next: 'n' });
        expect(header).toMatch(/^<[^<>]*>; rel="first", <[^<>]*>; rel="next"$/);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        const query = new URLSearchParams(linksOf(header).next?.split('?')[1]);
        expect(query.get('q')).toBe(q);
      }),
    );
  });
});
