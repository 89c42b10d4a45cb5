import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, onScopeDispose, watch } from 'vue';
import { type HealthState, healthStateOf, readHealth } from './health-state';

const CALM_MS = 30_000;
const TROUBLED_MS = 4_000;

/**
 * How the API is, asked every half minute, more often while something is wrong, and at once when a call fails. When
 * it is well again, what could not be loaded is loaded.
 */
export function useHealth() {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => readHealth(signal),
    retry: false,
    refetchInterval: ({ state }) => (healthStateOf(state.data, state.error) === 'well' ? CALM_MS : TROUBLED_MS),
  });
  const health = computed<HealthState>(() => healthStateOf(query.data.value, query.error.value));

  const stopListening = client.getQueryCache().subscribe((event) => {
    const isOther = event.query.queryKey[0] !== 'health';
    if (isOther && event.type === 'updated' && event.action.type === 'failed') void query.refetch();
  });
  onScopeDispose(stopListening);

  watch(health, (now) => {
    if (now === 'well') void client.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
  });

  return { health };
}
