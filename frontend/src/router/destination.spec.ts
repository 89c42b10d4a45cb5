import { describe, expect, it } from 'vitest';
import { destinationOf } from './destination';

describe('where signing in leads', () => {
  it('is the page that was asked for', () => {
    expect(destinationOf('/accounts?status=active#new')).toBe('/accounts?status=active#new');
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', undefined, ['/a']])(
    'is the start for %j',
    (next) => {
      expect(destinationOf(next)).toBe('/');
    },
  );

  it('is never signing in again', () => {
    expect(destinationOf('/sign-in?next=/')).toBe('/');
  });
});
