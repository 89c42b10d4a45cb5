import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/vue-query';
import { computed, type Ref } from 'vue';
import type { ListState } from '../../router/list-state';
import type { CUSTOMER_LIST } from './customer-list.shape';
import { type Customer, getCustomer, listCustomers } from './customers.api';

const NAME_STALE_MS = 60_000;

/** The page of customers that `state` asks for; the last one stays in view until it is there. */
export function useCustomers(state: Ref<ListState<typeof CUSTOMER_LIST>>) {
  return useQuery({
    queryKey: ['customers', 'list', state],
    queryFn: ({ signal }) => listCustomers(state.value, signal),
    placeholderData: keepPreviousData,
  });
}

export function useCustomer(id: Ref<number>) {
  return useQuery({
    queryKey: ['customers', 'one', id],
    queryFn: ({ signal }) => getCustomer(id.value, signal),
    enabled: computed(() => id.value > 0),
  });
}

/** The first few that match what someone types to choose one. */
export function useCustomerSuggestions(q: Ref<string>, isWanted: Ref<boolean>) {
  return useQuery({
    queryKey: ['customers', 'suggestions', q],
    queryFn: ({ signal }) => listCustomers({ q: q.value, sort: 'name', limit: '8', cursor: '' }, signal),
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });
}

/** Puts a customer that is known already where `useCustomer` looks, so that its name is shown without a wait. */
export function useKnownCustomer() {
  const client = useQueryClient();
  return (customer: Customer) => client.setQueryData(['customers', 'one', customer.id], customer);
}

/**
 * The names of the customers that a page of accounts belongs to, by id: one small call for each that is not known yet.
 * For tens of ids, not for whole lists.
 */
export function useCustomerNames(ids: Ref<number[]>) {
  return useQueries({
    queries: computed(() =>
      [...new Set(ids.value)].map((id) => ({
        queryKey: ['customers', 'one', id],
        queryFn: ({ signal }: { signal: AbortSignal }) => getCustomer(id, signal),
        staleTime: NAME_STALE_MS,
      })),
    ),
    combine: (results) => new Map(results.flatMap(({ data }) => (data ? [[data.id, data.name] as const] : []))),
  });
}
