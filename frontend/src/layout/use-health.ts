import { useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, onScopeDispose, ref, watch } from 'vue';
import { api } from '../api/client';
import { type Degraded, dbRouteOf, degradedOf, isFallback } from '../api/db-route';
import { type HealthState, healthStateOf, readHealth } from './health-state';

const CALM_MS = 30_000;
const TROUBLED_MS = 4_000;

/**
 * How the API is, asked every half minute, more often while something is wrong, and at once when a call fails or was
 * answered by a stand-in. Answers that name a server that is away are believed until /health is heard again. When it is
 * well again, what could not be loaded is loaded.
 */
export function useHealth() {
  const client = useQueryClient();
  const degraded = ref<Degraded | null>(null);
  const query = useQuery({
    queryKey: ['health'],
    queryFn: async ({ signal }) => {
      const health = await readHealth(signal);
      degraded.value = null;
      return health;
    },
    retry: false,
    refetchInterval: ({ state }) => (healthStateOf(state.data, state.error) === 'well' ? CALM_MS : TROUBLED_MS),
  });
  const health = computed<HealthState>(() =>
    healthStateOf(query.data.value, query.error.value, { degraded: degraded.value }),
  );

  const watchAnswers = {
    onResponse({ response }: { response: Response }): void {
      const before = health.value;
      const said = degradedOf(response);
      if (said !== undefined) degraded.value = said;
      const isNews = health.value !== before || (before === 'well' && isFallback(dbRouteOf(response)));
      if (isNews) void query.refetch();
    },
  };
  api.use(watchAnswers);
  const stopListening = client.getQueryCache().subscribe((event) => {
    const isOther = event.query.queryKey[0] !== 'health';
    if (isOther && event.type === 'updated' && event.action.type === 'failed') void query.refetch();
  });
  onScopeDispose(() => {
    stopListening();
    api.eject(watchAnswers);
  });

  watch(health, (now) => {
    if (now !== 'well') return;
    void client.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
    void client.invalidateQueries({ queryKey: ['analytics'] });
  });

  return { health };
}
