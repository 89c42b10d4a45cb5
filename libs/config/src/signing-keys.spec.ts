import { describe, expect, test } from 'vitest';
import { EnvironmentReader } from './environment-reader.js';
import { readSigningKeys } from './signing-keys.js';

const LONG = 'q8Zr2v-Lk5TnXw0BfYh3JcM7PdSe1GaU';
const OTHER = 'U1aGe-dP7Mc3JhYfB0wXnT5kL2v8rZq9';

function keysOf(value: string | undefined, environment = 'production') {
  const read = new EnvironmentReader({ JWT_SECRET: value });
  const keys = readSigningKeys(read, environment).map(({ kid, secret }) => [kid, secret.toString()]);
  return { keys, problems: read.problems };
}

describe('the signing keys', () => {
  test('one secret is one key', () => {
    expect(keysOf(LONG)).toEqual({ keys: [['default', LONG]], problems: [] });
  });

  test('several named ones are several keys, the first first', () => {
    expect(keysOf(`new:${LONG}, old-1_X:${OTHER}`)).toEqual({
      keys: [
        ['new', LONG],
        ['old-1_X', OTHER],
      ],
      problems: [],
    });
  });

  test.each([
    ['commas', `${LONG},${OTHER}`],
    ['commas and a colon in one part', `a:${LONG},${OTHER}`],
    ['a colon after what is no name', `a b:${LONG}`],
    ['a colon after a name that is too long', `${'k'.repeat(33)}:${LONG}`],
  ])('a secret with %s is one secret', (_case, value) => {
    expect(keysOf(value)).toEqual({ keys: [['default', value]], problems: [] });
  });

  test('a secret may hold colons after its name', () => {
    expect(keysOf(`k:${LONG}::x`).keys).toEqual([['k', `${LONG}::x`]]);
  });

  test('a name twice is refused', () => {
    expect(keysOf(`k:${LONG},k:${OTHER}`).problems).toEqual(['JWT_SECRET names a kid twice']);
  });

  test('a secret needs 32 bytes in production, which need not be 32 characters', () => {
    expect(keysOf(LONG.slice(1)).problems).toEqual(['JWT_SECRET is too short: at least 32 bytes for each key']);
    expect(keysOf('aé€😀aé€😀aé€😀ü').problems).toEqual([]);
    expect(keysOf('short', 'development').problems).toEqual([]);
  });

  test('one short key among long ones is refused as well', () => {
    expect(keysOf(`new:${LONG},old:short`).problems).toHaveLength(1);
  });

  test.each(['change-me-change-me-change-me-change', 'your-secret-key-your-secret-key-1234', 'x'.repeat(40)])(
    'the sample value %s is refused in production alone',
    (value) => {
      expect(keysOf(value).problems).toEqual(['JWT_SECRET is a sample value: make a random one']);
      expect(keysOf(value, 'test').problems).toEqual([]);
    },
  );

  test('a missing one is refused in production', () => {
    expect(keysOf(undefined).problems).toEqual(['JWT_SECRET is missing: at least 32 bytes']);
  });

  test('a missing one is made at random elsewhere, another each time', () => {
    const [first, second] = [1, 2].map(() => readSigningKeys(new EnvironmentReader({}), 'development'));
    expect(first?.[0]?.secret).toHaveLength(32);
    expect(first?.[0]?.secret.equals(second?.[0]?.secret as Buffer)).toBe(false);
  });
});
