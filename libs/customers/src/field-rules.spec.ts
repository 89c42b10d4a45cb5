import { describe, expect, test } from 'vitest';
import { charactersFault, emailFault } from './field-rules.js';

describe('a name', () => {
  test.each(['a', 'x'.repeat(255), '🙂'.repeat(255), ' ', 'Zoë\nMüller'])('may be %j', (value) => {
    expect(charactersFault('name', value, 1, 255)).toBeNull();
  });

  test.each([
    ['', 'name is required'],
    [null, 'name is required'],
    [undefined, 'name is required'],
    [5, 'name must be a string'],
    ['x'.repeat(256), 'name must have 1 to 255 characters'],
    ['🙂'.repeat(256), 'name must have 1 to 255 characters'],
    ['x'.repeat(10_000_000), 'name must have 1 to 255 characters'],
  ])('is refused in words that name the field', (value, message) => {
    expect(charactersFault('name', value, 1, 255)).toBe(message);
  });
});

describe('an e-mail address', () => {
  test.each(['a@b', "o'neil+x@example.com", `${'x'.repeat(249)}@b.com`])('may be %j', (value) => {
    expect(emailFault('email', value)).toBeNull();
  });

  test.each(['a', 'a@', '@b', 'a b@c', 'a@b ', 'ä@b.de', 'a@b..c', 'a@-b', `${'x'.repeat(250)}@b.com`, 7])(
    'is not %j',
    (value) => {
      expect(emailFault('email', value)).toBe('email must be an e-mail address of at most 255 characters');
    },
  );

  test('that is empty is missing', () => {
    expect(emailFault('email', '')).toBe('email is required');
  });
});
