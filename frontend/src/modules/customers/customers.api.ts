import { answerOf, api } from '../../api/client';
import { type Page, toPage } from '../../api/page';
import type { paths } from '../../api/schema';

export type Customer = paths['/api/customers/{id}']['get']['responses'][200]['content']['application/json'];
export interface CustomerInput {
  name: string;
  email: string;
}

type ListQuery = NonNullable<paths['/api/customers']['get']['parameters']['query']>;

/** One keyset page with the count of all that match. Empty texts are no filter. */
export async function listCustomers(
  { q, sort, limit, cursor }: { q: string; sort: string; limit: string; cursor: string },
  signal: AbortSignal,
): Promise<Page<Customer>> {
  const query: ListQuery = {
    q: q || undefined,
    sort: sort as ListQuery['sort'],
    limit: Number(limit),
    cursor: cursor || undefined,
  };
  return toPage(
    await answerOf(api.GET('/api/customers', { params: { query }, headers: { Prefer: 'count=exact' }, signal })),
  );
}

export async function getCustomer(id: number, signal: AbortSignal): Promise<Customer> {
  return (await answerOf(api.GET('/api/customers/{id}', { params: { path: { id } }, signal }))).data;
}

export async function createCustomer(body: CustomerInput): Promise<Customer> {
  return (await answerOf(api.POST('/api/customers', { body }))).data;
}

export async function updateCustomer(id: number, body: CustomerInput): Promise<Customer> {
  return (await answerOf(api.PUT('/api/customers/{id}', { params: { path: { id } }, body }))).data;
}

/** Its accounts go with it. */
export async function deleteCustomer(id: number): Promise<void> {
  await answerOf(api.DELETE('/api/customers/{id}', { params: { path: { id } } }));
}
