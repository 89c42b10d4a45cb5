import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, onScopeDispose, watch } from 'vue';
import { api } from '../api/client';
import { dbRouteOf, isFallback } from '../api/db-route';
import { type HealthState, healthStateOf, readHealth } from './health-state';

const CALM_MS = 30_000;
const TROUBLED_MS = 4_000;

/**
 * How the API is, asked every half minute, more often while something is wrong, and at once when a call fails or was
 * answered by a stand-in. When it is well again, what could not be loaded is loaded.
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

  const watchRoutes = {
    onResponse({ response }: { response: Response }): void {
      if (health.value === 'well' && isFallback(dbRouteOf(response))) void query.refetch();
    },
  };
  api.use(watchRoutes);
  const stopListening = client.getQueryCache().subscribe((event) => {
    const isOther = event.query.queryKey[0] !== 'health';
    if (isOther && event.type === 'updated' && event.action.type === 'failed') void query.refetch();
  });
  onScopeDispose(() => {
    stopListening();
    api.eject(watchRoutes);
  });

  watch(health, (now) => {
    if (now !== 'well') return;
    void client.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
    void client.invalidateQueries({ queryKey: ['analytics'] });
  });

  return { health };
}
