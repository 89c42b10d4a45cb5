import { DomainError } from '@app/errors';

/** Tells a client that insists on a follower that none can answer. */
export function followerUnavailable(cause?: unknown): DomainError {
  return new DomainError('follower_unavailable', 'No follower can answer at the moment', {
    cause,
    retryAfterSeconds: 1,
  });
}

/** Refuses a read rather than let it weigh on the primary. */
export function analyticsShed(cause?: unknown): DomainError {
  return new DomainError('analytics_shed', 'Too many analytics reads while no follower can take them', {
    cause,
    retryAfterSeconds: 1,
  });
}

/** Whether the primary would not take a read, because it is away or has enough of them. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'primary_unavailable' || error.code === 'analytics_shed');
}
