import { useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import { answerOf, api } from '../../api/client';
import { dbRouteOf } from '../../api/db-route';

/** One customer's account figures and the server that they came from. A customer that does not exist has zeros. */
export function useCustomerFigures(id: Ref<number>) {
  return useQuery({
    queryKey: ['analytics', 'customer', id],
    queryFn: async ({ signal }) => {
      const path = { customer_id: id.value };
      const { data, response } = await answerOf(
        api.GET('/api/analytics/customers/{customer_id}', { params: { path }, signal }),
      );
      return { figures: data, route: dbRouteOf(response) };
    },
    staleTime: 0,
  });
}
