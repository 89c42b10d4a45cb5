import { ApiError } from '../api/api-error';
import type { Degraded } from '../api/db-route';

/** What /health says, as far as an administrator can act on it. */
export type HealthState = 'well' | 'primary-down' | 'follower-down' | 'unreachable' | 'offline';

export interface Health {
  database: string;
  analytics_db: string;
}

/** 503 with a body is an answer: the primary is down and says so. Anything that is not the API's JSON is no answer. */
export async function readHealth(signal: AbortSignal): Promise<Health> {
  let body: Partial<Health>;
  try {
    const response = await fetch('/health', { signal, headers: { accept: 'application/json' } });
    body = await response.json();
  } catch (cause) {
    throw new ApiError('', { cause });
  }
  if (typeof body?.database !== 'string') throw new ApiError('');
  return { database: body.database, analytics_db: body.analytics_db ?? '' };
}

interface Circumstances {
  /** What the latest answer of the API said of the servers, where that is newer than /health. */
  degraded?: Degraded | null;
  isOnline?: boolean;
}

/** The worst of what is known. A follower that was never asked for (`using primary`) is a choice, not a fault. */
export function healthStateOf(
  health: Health | undefined,
  error: unknown,
  { degraded = null, isOnline = navigator.onLine }: Circumstances = {},
): HealthState {
  if (error) return isOnline ? 'unreachable' : 'offline';
  if (degraded === 'primary-down' || (health && health.database !== 'connected')) return 'primary-down';
  return degraded ?? (health?.analytics_db === 'disconnected' ? 'follower-down' : 'well');
}
