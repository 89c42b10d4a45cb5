import { AccessTokens, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, type TokenClaims } from '@app/identity';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthenticatedUser } from './authenticated-user.js';

const CLOCK_SKEW_SECONDS = 30;

/** Verifies access tokens: one algorithm, issuer, audience and expiry, with the key that the token's `kid` names. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(tokens: AccessTokens) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_SECONDS },
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: Error | null, key?: never) => void) => {
        const key = tokens.verifyingKey(kidOf(token));
        if (key) done(null, key as never);
        else done(new Error('Unknown key'));
      },
    });
  }

  validate(claims: TokenClaims): AuthenticatedUser {
    return {
      id: Number(claims.sub),
      username: claims.username,
      organizationId: claims.org,
      role: claims.role,
      isOperator: claims.operator === true,
      expiresAt: claims.exp,
    };
  }
}

function kidOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined;
  return typeof kid === 'string' ? kid : '';
}
