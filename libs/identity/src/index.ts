export {
  type AccessToken,
  AccessTokens,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  type TokenClaims,
} from './access-tokens.service.js';
export { IdentityModule } from './identity.module.js';
export { OperatorsService } from './operators.service.js';
export { hashPassword } from './password-hashing.js';
export { RegistrationService } from './registration.service.js';
export { isRoleAtLeast, ROLES, type Role } from './role.js';
export { SignInService } from './sign-in.service.js';
