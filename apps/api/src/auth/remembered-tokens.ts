import type { AuthenticatedUser } from './authenticated-user.js';

const MAX_REMEMBERED = 10_000;

/**
 * Callers of tokens that have been verified already, by the whole token: a signature does not become wrong later.
 * Expiry is checked at every use. Bounded: the longest remembered one makes room.
 */
export class RememberedTokens {
  private readonly users = new Map<string, AuthenticatedUser>();

  find(token: string): AuthenticatedUser | undefined {
    const user = this.users.get(token);
    if (user === undefined || user.expiresAt > Date.now() / 1000) return user;
    this.users.delete(token);
    return undefined;
  }

  remember(token: string, user: AuthenticatedUser): void {
    if (this.users.size >= MAX_REMEMBERED) {
      const [oldest] = this.users.keys();
      if (oldest !== undefined) this.users.delete(oldest);
    }
    this.users.set(token, user);
  }
}
