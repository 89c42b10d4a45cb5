import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import { hashPassword, isOutdatedHash, isPasswordOf } from './password-hashing.js';

/** Of `abc`: a published test vector of the kind that the Go service stored, at the least cost. */
const BCRYPT_OF_ABC = '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i';

describe('password hashing', () => {
  test('a password belongs to its own hash, and no other does', async () => {
    const stored = await hashPassword('Grüße 😀');
    expect(await isPasswordOf(stored, 'Grüße 😀')).toBe(true);
    for (const other of ['grüße 😀', 'Grüße 😀 ', 'Gru\u0308\u00dfe 😀', '']) {
      expect(await isPasswordOf(stored, other)).toBe(false);
    }
  });

  test('one password has another hash each time, which holds nothing of it', async () => {
    const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(first).not.toBe(second);
    expect(first).not.toContain('correct');
    expect(await isPasswordOf(second, 'correct horse')).toBe(true);
  });

  test.each(['a', 'b', 'y'])("the Go service's bcrypt hashes verify, of kind 2%s as well", async (kind) => {
    const stored = BCRYPT_OF_ABC.replace('$2a$', `$2${kind}$`);
    expect(await isPasswordOf(stored, 'abc')).toBe(true);
    expect(await isPasswordOf(stored, 'abd')).toBe(false);
  });

  test('a longer password does not pass for the 72 bytes that bcrypt reads of it', async () => {
    const stored = await bcrypt('é'.repeat(36), 4);
    expect(await isPasswordOf(stored, 'é'.repeat(36))).toBe(true);
    expect(await isPasswordOf(stored, `${'é'.repeat(36)}x`)).toBe(false);
  });

  test('Argon2id reads the whole of a long password', async () => {
    const stored = await hashPassword(`${'x'.repeat(100)}a`);
    expect(await isPasswordOf(stored, `${'x'.repeat(100)}a`)).toBe(true);
    expect(await isPasswordOf(stored, `${'x'.repeat(100)}b`)).toBe(false);
  });

  test.each([
    '',
    'abc',
    '$2a$',
    '$2a$99$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i',
    BCRYPT_OF_ABC.slice(0, -1),
    '$argon2id$v=19$m=19456,t=2,p=1$',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$',
    '$1$abc$abc',
  ])('the broken hash "%s" fits nothing and fails nothing', async (stored) => {
    for (const password of ['', 'abc', stored]) expect(await isPasswordOf(stored, password)).toBe(false);
  });

  test('many at once all come to their end, failures among them', async () => {
    const stored = await bcrypt('abc', 4);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => isPasswordOf(index % 2 ? stored : 'broken', 'abc')),
    );
    expect(answers.filter(Boolean)).toHaveLength(20);
  });

  test('only a hash with the present parameters is not made anew', async () => {
    expect(isOutdatedHash(await hashPassword('x'))).toBe(false);
    expect(isOutdatedHash(BCRYPT_OF_ABC)).toBe(true);
    expect(isOutdatedHash('')).toBe(true);
    const cheaper = await argon2('abc', { algorithm: 2, memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    expect(await isPasswordOf(cheaper, 'abc')).toBe(true);
    expect(isOutdatedHash(cheaper)).toBe(true);
  });
});
