import { describe, expect, it } from 'vitest';
import { checkText, isEmail } from './field-rules';

describe('rules of fields', () => {
  it.each(['a@b', 'ada.lovelace+x@example.com', "o'neil@example.co.uk"])('takes %s for an e-mail address', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each(['', 'ada', 'ada@', '@example.com', 'a b@example.com', 'a@-example.com', 'ä@example.com'])(
    'does not take %j',
    (text) => {
      expect(isEmail(text)).toBe(false);
    },
  );

  it('wants a text that is more than blanks and fits, counted in characters', () => {
    expect(checkText('  ', 5)).toBeDefined();
    expect(checkText('😀😀😀😀😀', 5)).toBeUndefined();
    expect(checkText('123456', 5)).toMatch(/5/);
  });
});
