import { keepPreviousData, useQuery } from '@tanstack/vue-query';
import type { Ref } from 'vue';
import type { ListState } from '../../router/list-state';
import type { ACCOUNT_LIST } from './account-list.shape';
import { listAccounts } from './accounts.api';

/** The page of accounts that `state` asks for; the last one stays in view until it is there. */
export function useAccounts(state: Ref<ListState<typeof ACCOUNT_LIST>>) {
  return useQuery({
    queryKey: ['accounts', 'list', state],
    queryFn: ({ signal }) => listAccounts(state.value, signal),
    placeholderData: keepPreviousData,
  });
}
