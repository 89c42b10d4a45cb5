import { useQuery } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import { ApiError } from '../../api/api-error';
import { getReplication } from './system.api';

const REFRESH_MS = 1_000;

const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status === 403;

/**
 * How the databases are, asked every second while the page is seen and not paused, also while that fails, so that the
 * figures move on by themselves. Where there have been none yet, the failure stands still to be read, and is tried again
 * when asked or when the API is well again; a refusal is no failure.
 */
export function useReplication(isPaused: Ref<boolean>) {
  const query = useQuery({
    queryKey: ['system', 'replication'],
    queryFn: ({ signal }) => getReplication(signal),
    staleTime: 0,
    retry: false,
    // With every answer the samples of the chart move on: there is nothing in them to keep.
    structuralSharing: false,
    refetchInterval: computed(() => (isPaused.value ? false : refreshAfter)),
  });
  const isRefused = computed(() => isRefusal(query.error.value));
  return { ...query, isRefused };
}

const refreshAfter = ({ state }: { state: { data: unknown; error: unknown } }): number | false =>
  isRefusal(state.error) || (state.error && state.data === undefined) ? false : REFRESH_MS;
