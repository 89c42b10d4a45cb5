import { DomainError } from '@app/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReadPreference, type ReadDemand } from './read-preference.js';

const REFUSED = expect.objectContaining({ code: 'invalid_read_preference' });
const ALL = { preference: 'follower-preferred', maxStalenessMs: 2000, waitMs: 100, allowStale: true };

// Any code points. fast-check's own unit 'binary' builds a table of them all first, for seconds.
const character = fc.nat({ max: 0x10ffff }).map((point) => String.fromCodePoint(point));

describe('X-Read-Preference', () => {
  test.each<[string, ReadDemand]>([
    ['primary', { preference: 'primary' }],
    ['follower-only', { preference: 'follower-only' }],
    ['follower-preferred', { preference: 'follower-preferred' }],
    ['Follower-Preferred; Max-Staleness=5', { preference: 'follower-preferred', maxStalenessMs: 5 }],
    ['follower-only;allow-stale', { preference: 'follower-only', allowStale: true }],
    ['primary; wait=0', { preference: 'primary', waitMs: 0 }],
    ['primary; max-staleness=0', { preference: 'primary', maxStalenessMs: 0 }],
    ['primary; max-staleness=86400000', { preference: 'primary', maxStalenessMs: 86_400_000 }],
    ['primary; wait=10000', { preference: 'primary', waitMs: 10_000 }],
    [' \tprimary \t; \t wait=7 ', { preference: 'primary', waitMs: 7 }],
  ])('%j is read', (text, demand) => {
    expect(parseReadPreference(text)).toEqual(demand);
  });

  test('takes parameters in any order and with any blanks', () => {
    const order = fc.shuffledSubarray(['max-staleness=2000', 'wait=100', 'allow-stale'], { minLength: 3 });
    const blanks = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 4 });
    fc.assert(
      fc.property(order, blanks, blanks, (parameters, before, behind) => {
        const text = ['follower-preferred', ...parameters].join(`${before};${behind}`);
        expect(parseReadPreference(text)).toEqual(ALL);
      }),
    );
  });

  test.each([
    '',
    ';',
    'secondary',
    'allow-stale',
    'wait=100; primary',
    'primary, follower-only',
    'primary; primary',
    'primary;',
    'primary;; wait=1',
    'primary wait=1',
    'primary; wait',
    'primary; wait=',
    'primary; wait=-1',
    'primary; wait=1.5',
    'primary; wait=1e3',
    'primary; wait=0x1',
    'primary; wait = 1',
    'primary; wait="1"',
    'primary; wait=10001',
    'primary; max-staleness=86400001',
    'primary; max-staleness=999999999999999999999',
    'primary; wait=1; wait=1',
    'primary; wait=0; WAIT=0',
    'primary; allow-stale; allow-stale',
    'primary; allow-stale=true',
    'primary; constructor',
    'primary; __proto__=1',
    'primary; prefer=1',
    '\u00a0primary',
    'primary\n',
    `primary;${' '.repeat(200)}wait=1`,
    'primary;'.repeat(100_000),
  ])('%.40j is refused', (text) => {
    expect(() => parseReadPreference(text)).toThrow(REFUSED);
  });

  test('a refusal says what is allowed and repeats nothing of what was sent', () => {
    let message = '';
    try {
      parseReadPreference('<b>secret</b>');
    } catch (error) {
      message = (error as DomainError).message;
    }
    for (const word of ['primary', 'follower-preferred', 'follower-only', 'max-staleness=0…86400000', 'wait=0…10000']) {
      expect(message).toContain(word);
    }
    expect(message).toContain('allow-stale');
    expect(message).not.toContain('secret');
  });

  test('no text does anything but be read or refused', () => {
    const words = fc.constantFrom('primary', 'follower-only', ';', ' ', 'wait=', 'max-staleness=', 'allow-stale', '9');
    const texts = fc.oneof(
      fc.string({ unit: character }),
      fc.array(words, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(['primary', 'follower-preferred', 'follower-only']).toContain(parseReadPreference(text).preference);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          expect(error).toEqual(REFUSED);
        }
      }),
    );
  });
});
