import { describe, expect, it } from 'vitest';
import { parseSession } from './stored-session';

describe('a stored session', () => {
  const session = { token: 'abc', username: 'ada', expiresAt: 2_000 };

  it('comes back while it holds', () => {
    expect(parseSession(JSON.stringify(session), 1_999)).toEqual(session);
  });

  it('is none once its time is over', () => {
    expect(parseSession(JSON.stringify(session), 2_000)).toBeNull();
  });

  it.each([null, '', 'not json', '42', '{}', '{"token":1,"username":"x","expiresAt":9000}'])(
    'is none in %j',
    (stored) => {
      expect(parseSession(stored, 0)).toBeNull();
    },
  );
});
