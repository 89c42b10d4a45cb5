import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { type AccessToken, AccessTokens } from './access-tokens.service.js';
import { hashPassword, isOutdatedHash, isPasswordOf } from './password-hashing.js';
import { UsersRepository } from './users.repository.js';

/** Nobody's hash: an unknown user costs the same time as a wrong password. */
const DUMMY_HASH = hashPassword('no one has this password');

/** Signing in with a user name and password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: AccessTokens,
  ) {}

  /** @throws DomainError `invalid_credentials`, the same for an unknown user and a wrong password. */
  async signIn(username: string, password: string): Promise<AccessToken> {
    const user = await this.users.findByUsername(username);
    const isRight = await isPasswordOf(user?.passwordHash ?? (await DUMMY_HASH), password);
    if (!user || !isRight) throw new DomainError('invalid_credentials', 'Invalid credentials');
    if (isOutdatedHash(user.passwordHash)) {
      await this.users.replacePasswordHash(user.id, user.passwordHash, await hashPassword(password));
    }
    return this.tokens.issue(user);
  }
}
