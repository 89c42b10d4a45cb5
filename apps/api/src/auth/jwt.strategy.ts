import { AccessTokens, ROLES, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, type TokenClaims } from '@app/identity';
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

  /** Null, which passport takes for a refusal, for claims that no token of ours has. */
  validate(claims: TokenClaims): AuthenticatedUser | null {
    const { sub, org, role, exp } = claims;
    const isOurs = /^\d+$/.test(sub) && Number.isSafeInteger(org) && ROLES.includes(role) && Number.isFinite(exp);
    if (!isOurs) return null;
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

/** Empty, which no key is called, for what is no token at all. */
function kidOf(token: string): string {
  try {
    const header: { kid?: unknown } | null = JSON.parse(
      Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString(),
    );
    return typeof header?.kid === 'string' ? header.kid : '';
  } catch {
    return '';
  }
}
