import { describe, expect, it } from 'vitest';
import { checkCredentials, checkNewCredentials } from './check-credentials';

describe('credentials before they are sent', () => {
  it('asks eight characters of a new password, counted as people count', () => {
    expect(checkNewCredentials({ username: 'ada', password: 'short' }).password).toBeDefined();
    expect(checkNewCredentials({ username: 'ada', password: '😀😀😀😀😀😀😀' }).password).toBeDefined();
    expect(checkNewCredentials({ username: 'ada', password: 'eightch8' })).toEqual({});
  });

  it('lets an old, shorter password sign in', () => {
    expect(checkCredentials({ username: 'ada', password: 'six123' })).toEqual({});
  });

  it('wants both to be there', () => {
    expect(Object.keys(checkCredentials({ username: ' ', password: '' }))).toEqual(['username', 'password']);
  });
});
