import { SetMetadata } from '@nestjs/common';

/** Who may call a route: anybody, users of at least this role in their organization, or operators of the deployment. */
export type AccessPolicy = 'public' | 'viewer' | 'member' | 'admin' | 'operator';

/** Also written out in libs/health and libs/metrics, whose controllers must not import an app. */
export const ACCESS_KEY = 'access';

/**
 * Declares who may call a controller or route; the route's own wins. A route without a policy fails the build
 * (test/api/access.e2e-spec.ts) and is refused at run time.
 */
export const Access = (policy: AccessPolicy) => SetMetadata(ACCESS_KEY, policy);
