import { describe, expect, test } from 'vitest';
import { decodeJobListCursor, encodeJobListCursor } from './job-list-cursor.js';

const POSITION = { createdAt: '2026-11-22T09:17:21.479120Z', id: '0c5fbd8e-6d2f-4ad4-9b5b-2f6a3d1f7c11' };

describe('the cursor of the list of jobs', () => {
  test('comes back as the position it was made of', () => {
    expect(decodeJobListCursor(encodeJobListCursor(POSITION))).toEqual(POSITION);
  });

  test.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['a time that is none', encodeJobListCursor({ ...POSITION, createdAt: '2026-99-22T09:17:21.479120Z' })],
    ['an id that is none', encodeJobListCursor({ ...POSITION, id: '1; DROP TABLE jobs' })],
    ['more than a position', Buffer.from(`${POSITION.createdAt} ${POSITION.id} x`).toString('base64url')],
  ])('%s is refused', (_case, cursor) => {
    expect(() => decodeJobListCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});
