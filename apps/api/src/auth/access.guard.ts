import { DomainError } from '@app/errors';
import { isRoleAtLeast, OperatorsService } from '@app/identity';
import { currentContext } from '@app/logging';
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
 * declared policy is refused. Verified tokens are remembered, because passport alone costs a third of the throughput. Roles
 * are what the token says; who is an operator is what the database says.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly remembered = new RememberedTokens();

  constructor(
    private readonly reflector: Reflector,
    private readonly jwt: JwtGuard,
    private readonly operators: OperatorsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    const policy = this.reflector.getAllAndOverride<AccessPolicy | undefined>(ACCESS_KEY, places);
    if (policy === 'public') return true;
    const user = await this.authenticate(context);
    tellContext(user);
    const isAllowed =
      policy === 'operator'
        ? await this.operators.isOperator(user.id, user.isOperator)
        : policy !== undefined && isRoleAtLeast(user.role, policy);
    if (!isAllowed) throw new DomainError('forbidden', 'You may not do this');
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

/** Whatever the request changes, the change log tells as the caller's. */
function tellContext({ id, username }: AuthenticatedUser): void {
  const context = currentContext();
  if (context !== undefined) context.actor = { type: 'user', id: String(id), name: username };
}

function bearerToken(header: string | undefined): string {
  if (!header) throw new DomainError('invalid_token', 'Authorization header required');
  const [scheme, token, ...rest] = header.split(' ');
  if (scheme !== 'Bearer' || token === undefined || rest.length > 0) {
    throw new DomainError('invalid_token', 'Invalid authorization header format');
  }
  return token;
}
