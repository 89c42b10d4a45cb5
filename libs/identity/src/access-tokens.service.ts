import { createSecretKey, type KeyObject, randomUUID } from 'node:crypto';
import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Role } from './role.js';
import type { User } from './user.entity.js';

export const TOKEN_ALGORITHM = 'HS256';
export const TOKEN_ISSUER = 'tandem';
export const TOKEN_AUDIENCE = 'tandem';

export interface AccessToken {
  token: string;
  expiresInSeconds: number;
}

/** What a token says, beside the registered claims. */
export interface TokenClaims {
  /** The user's id. */
  sub: string;
  username: string;
  org: number;
  role: Role;
  operator: boolean;
  /** Seconds since 1970. */
  exp: number;
}

/**
 * Issues access tokens and knows the keys that verify them. The keys are `KeyObject`s: given a string, jsonwebtoken
 * first tries to read it as a public key, fifty times slower.
 */
@Injectable()
export class AccessTokens {
  private readonly keys: Map<string, KeyObject>;
  private readonly signingKid: string;
  private readonly lifetimeSeconds: number;

  constructor(
    @Inject(Configuration) { tokens }: Configuration,
    private readonly jwt: JwtService,
  ) {
    this.keys = new Map(tokens.keys.map(({ kid, secret }) => [kid, createSecretKey(secret)]));
    this.signingKid = tokens.keys[0]?.kid ?? '';
    this.lifetimeSeconds = tokens.lifetimeSeconds;
  }

  async issue(user: User): Promise<AccessToken> {
    const claims = { username: user.username, org: user.organizationId, role: user.role, operator: user.isOperator };
    const token = await this.jwt.signAsync(claims, {
      secret: this.verifyingKey(this.signingKid) as unknown as Buffer,
      algorithm: TOKEN_ALGORITHM,
      keyid: this.signingKid,
      subject: String(user.id),
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      expiresIn: this.lifetimeSeconds,
      jwtid: randomUUID(),
    });
    return { token, expiresInSeconds: this.lifetimeSeconds };
  }

  /** The key with this id; undefined for one that is not, or no longer, in use. */
  verifyingKey(kid: string): KeyObject | undefined {
    return this.keys.get(kid);
  }
}
