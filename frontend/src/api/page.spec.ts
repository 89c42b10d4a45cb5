import { describe, expect, it } from 'vitest';
import { cursorsOf, toPage } from './page';

describe('a page of a list', () => {
  it('finds the cursors in the Link header, whatever else the addresses hold', () => {
    const link =
      '</api/customers?limit=2>; rel="first", </api/customers?cursor=a%2Bb%3D%3D&q=x,y&limit=2>; rel="next", ' +
      '<http://127.0.0.1:8080/api/customers?limit=2&cursor=c>; rel=prev';
    expect(cursorsOf(link)).toEqual({ next: 'a+b==', prev: 'c' });
  });

  it('leads nowhere without a Link header', () => {
    const response = new Response('[]', { headers: {} });
    expect(toPage({ data: [], response })).toEqual({ rows: [], total: null, next: null, prev: null });
  });

  it('knows how many match when the API has counted', () => {
    const response = new Response('[]', { headers: { 'x-total-count': '1234', link: '</x?cursor=n>; rel="next"' } });
    expect(toPage({ data: [1], response })).toEqual({ rows: [1], total: 1234, next: 'n', prev: null });
  });
});
