import { DomainError } from '@app/errors';
import { isRoleAtLeast } from '@app/identity';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_KEY, type AccessPolicy } from './access.decorator.js';
import type { AuthenticatedUser } from './authenticated-user.js';
import { JwtGuard } from './jwt.guard.js';
import { RememberedTokens } from './remembered-tokens.js';

interface SignedInRequest {
  headers: { authorization?: string };
  user?: AuthenticatedUser;
}

/**
 * Lets a request through when its route's policy allows the caller. It stands in front of every route; one without a
 * declared policy is refused. Verified tokens are remembered, because passport alone costs a third of the throughput.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly remembered = new RememberedTokens();

  constructor(
    private readonly reflector: Reflector,
    private readonly jwt: JwtGuard,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const policy = this.reflector.getAllAndOverride<AccessPolicy | undefined>(ACCESS_KEY, places);
    if (policy === 'public') return true;
    const user = await this.authenticate(context);
    if (!isAllowed(user, policy)) throw new DomainError('forbidden', 'You may not do this');
    return true;
  }

  private async authenticate(context: ExecutionContext): Promise<AuthenticatedUser> {
    const request = context.switchToHttp().getRequest<SignedInRequest>();
    const token = bearerToken(request.headers.authorization);
    const known = this.remembered.find(token);
    if (known) {
      request.user = known;
      return known;
    }
    await this.jwt.canActivate(context);
    const { user } = request;
    if (!user) throw new DomainError('invalid_token', 'Invalid or expired token');
    this.remembered.remember(token, user);
    return user;
  }
}

function isAllowed(user: AuthenticatedUser, policy: AccessPolicy | undefined): boolean {
  if (policy === undefined || policy === 'public') return false;
  return policy === 'operator' ? user.isOperator : isRoleAtLeast(user.role, policy);
}

function bearerToken(header: string | undefined): string {
  if (!header) throw new DomainError('invalid_token', 'Authorization header required');
  const [scheme, token, ...rest] = header.split(' ');
  if (scheme !== 'Bearer' || token === undefined || rest.length > 0) {
    throw new DomainError('invalid_token', 'Invalid authorization header format');
  }
  return token;
}
