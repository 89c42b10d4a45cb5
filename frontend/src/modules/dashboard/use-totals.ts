import { useQuery } from '@tanstack/vue-query';
import { answerOf, api } from '../../api/client';
import { dbRouteOf } from '../../api/db-route';

const REFRESH_MS = 30_000;

/** The organization's totals and the server that they came from, renewed every half minute while the page is seen. */
export function useTotals() {
  return useQuery({
    queryKey: ['analytics', 'totals'],
    queryFn: async ({ signal }) => {
      const { data, response } = await answerOf(api.GET('/api/analytics', { signal }));
      return { totals: data, route: dbRouteOf(response) };
    },
    staleTime: 0,
    refetchInterval: REFRESH_MS,
  });
}
