import type { Role } from '@app/identity';

/** The caller, as the access token says. */
export interface AuthenticatedUser {
  id: number;
  username: string;
  organizationId: number;
  role: Role;
  /** As of the sign-in; the policy `operator` goes by the database. */
  isOperator: boolean;
  /** When the token expires, seconds since 1970. */
  expiresAt: number;
}
