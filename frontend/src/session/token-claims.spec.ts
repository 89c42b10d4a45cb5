import { describe, expect, it } from 'vitest';
import { readClaims } from './token-claims';

const tokenOf = (payload: string) => `e30.${Buffer.from(payload).toString('base64url')}.signature`;

describe('what a token says', () => {
  it('is whether its bearer was an operator at the sign-in, whatever the name', () => {
    expect(readClaims(tokenOf('{"username":"Zoë 😀ÿ?>","operator":true}'))).toEqual({ isOperator: true });
    expect(readClaims(tokenOf('{"username":"x","operator":false}'))).toEqual({ isOperator: false });
  });

  it.each([undefined, '', 'garbage', 'a.b.c', tokenOf('null'), tokenOf('"operator"'), tokenOf('{"operator":"yes"}')])(
    'is nothing for %j',
    (token) => {
      expect(readClaims(token)).toEqual({ isOperator: false });
    },
  );
});
