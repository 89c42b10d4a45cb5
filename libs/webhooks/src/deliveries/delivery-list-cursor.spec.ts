import { describe, expect, test } from 'vitest';
import { decodeDeliveryCursor, encodeDeliveryCursor } from './delivery-list-cursor.js';

describe('the cursor of the list of deliveries', () => {
  test('comes back as the position it was made of', () => {
    expect(decodeDeliveryCursor(encodeDeliveryCursor('9007199254740993'))).toBe('9007199254740993');
  });

  test.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['another number', 'MTI'],
    ['more digits than a position has', encodeDeliveryCursor('9'.repeat(19))],
    ['SQL', encodeDeliveryCursor('1; DROP')],
  ])('%s is refused', (_case, cursor) => {
    expect(() => decodeDeliveryCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});
