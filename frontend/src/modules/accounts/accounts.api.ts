import { answerOf, api } from '../../api/client';
import { type Page, toPage } from '../../api/page';
import type { paths } from '../../api/schema';
import type { ListState } from '../../router/list-state';
import type { ACCOUNT_LIST } from './account-list.shape';

export type Account = paths['/api/accounts/{id}']['get']['responses'][200]['content']['application/json'];
type ListQuery = NonNullable<paths['/api/accounts']['get']['parameters']['query']>;
type NewAccount = paths['/api/accounts']['post']['requestBody']['content']['application/json'];
type ChangedAccount = paths['/api/accounts/{id}']['put']['requestBody']['content']['application/json'];

/** One keyset page with the count of all that match. Empty texts are no filter. */
export async function listAccounts(state: ListState<typeof ACCOUNT_LIST>, signal: AbortSignal): Promise<Page<Account>> {
  const query: ListQuery = {
    q: state.q || undefined,
    status: (state.status || undefined) as ListQuery['status'],
    customer_id: Number(state.customer_id) || undefined,
    sort: state.sort as ListQuery['sort'],
    limit: Number(state.limit),
    cursor: state.cursor || undefined,
  };
  return toPage(
    await answerOf(api.GET('/api/accounts', { params: { query }, headers: { Prefer: 'count=exact' }, signal })),
  );
}

export async function createAccount(customerId: number, name: string, status: string): Promise<Account> {
  const body: NewAccount = { customer_id: customerId, name, status: status as NewAccount['status'] };
  return (await answerOf(api.POST('/api/accounts', { body }))).data;
}

/** A status of before, outside the four, may stay as it is. */
export async function updateAccount(id: number, name: string, status: string): Promise<Account> {
  const body: ChangedAccount = { name, status: status as ChangedAccount['status'] };
  return (await answerOf(api.PUT('/api/accounts/{id}', { params: { path: { id } }, body }))).data;
}

export async function deleteAccount(id: number): Promise<void> {
  await answerOf(api.DELETE('/api/accounts/{id}', { params: { path: { id } } }));
}
