import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';

/** Passport's check of the token. Whatever is wrong with it, the caller hears the same. */
@Injectable()
export class JwtGuard extends AuthGuard('jwt') {
  override handleRequest<User>(error: unknown, user: User | false): User {
    if (error || !user) throw new DomainError('invalid_token', 'Invalid or expired token', { cause: error });
    return user;
  }
}
