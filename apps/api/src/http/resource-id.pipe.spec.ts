import { describe, expect, test } from 'vitest';
import { ResourceIdPipe } from './resource-id.pipe.js';

const pipe = new ResourceIdPipe('customer');

describe('ResourceIdPipe', () => {
  test.each([
    ['1', 1],
    ['+1', 1],
    ['-1', -1],
    ['007', 7],
    ['0', 0],
    ['-0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('takes %s for %d', (text, id) => {
    expect(pipe.transform(text)).toBe(id);
  });

  test.each(['9007199254740992', '9223372036854775807', `${'0'.repeat(20)}9223372036854775807`])(
    'takes %s, which no row has, for the largest exact number',
    (text) => {
      expect(pipe.transform(text)).toBe(Number.MAX_SAFE_INTEGER);
    },
  );

  test('takes the least number of 64 bits for the least exact one', () => {
    expect(pipe.transform('-9223372036854775808')).toBe(Number.MIN_SAFE_INTEGER);
  });

  test.each(['9223372036854775808', '-9223372036854775809', '9'.repeat(40), '9'.repeat(5_000)])(
    'refuses %s, beyond 64 bits',
    (text) => {
      expect(() => pipe.transform(text)).toThrow(expect.objectContaining({ code: 'invalid_id' }));
    },
  );

  test.each(['', ' ', 'abc', '1.0', '1e3', '0x1', '1 ', '1\n', '--1', '+', '٣', '１', '1;', 'null'])(
    'refuses %j',
    (text) => {
      expect(() => pipe.transform(text)).toThrow(expect.objectContaining({ code: 'invalid_id' }));
    },
  );

  test('names what the id is of, in the words that clients know', () => {
    expect(() => pipe.transform('x')).toThrow('Invalid customer ID');
    expect(() => new ResourceIdPipe('account').transform('x')).toThrow('Invalid account ID');
  });
});
