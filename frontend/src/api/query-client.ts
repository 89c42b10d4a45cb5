import { QueryClient } from '@tanstack/vue-query';
import { ApiError } from './api-error';

const MAX_RETRIES = 2;
const MAX_WAIT_MS = 5_000;

/** Whether a failed read is worth another try: only where it may pass by itself, and not for ever. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < MAX_RETRIES && error instanceof ApiError && error.isPassing;
}

/** As long as the API asks for, within reason; else a second, then two. */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  return Math.min(asked ?? 1_000 * 2 ** failures, MAX_WAIT_MS);
}

/**
 * The cache of everything read from the API. Writes are never retried: the API may have done them. `networkMode` is
 * `always` because an administrator's API is often on the same machine, which the browser's idea of "online" ignores.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: shouldRetry, retryDelay, staleTime: 5_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});
