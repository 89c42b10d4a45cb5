import type { Role } from '@app/identity';

/** The caller, as the access token says. */
export interface AuthenticatedUser {
  id: number;
  username: string;
  organizationId: number;
  role: Role;
  isOperator: boolean;
  /** When the token expires, seconds since 1970. */
  expiresAt: number;
}
