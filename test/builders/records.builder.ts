import { randomBytes } from 'node:crypto';
import type { ApiStage } from '../support/api-process.js';

export interface Customer {
  id: number;
  name: string;
  email: string;
  created_at: string;
  updated_at: string;
}

export interface Account {
  id: number;
  customer_id: number;
  name: string;
  status: string;
  created_at: string;
  updated_at: string;
}

type Caller = Pick<ApiStage, 'call'>;

/** Makes a customer by the API; an address of its own unless given. */
export async function makeCustomer(
  { call }: Caller,
  token: string,
  fields: { name?: string; email?: string } = {},
): Promise<Customer> {
  const json = { name: 'Jane Miller', email: `${randomBytes(6).toString('hex')}@example.com`, ...fields };
  const answer = await call('POST', '/api/customers', { token, json });
  if (answer.status !== 201) throw new Error(`POST /api/customers: ${answer.status} ${answer.text}`);
  return answer.json<Customer>();
}

/** Makes an account by the API. */
export async function makeAccount(
  { call }: Caller,
  token: string,
  customerId: number,
  fields: { name?: string; status?: string } = {},
): Promise<Account> {
  const json = { customer_id: customerId, name: 'Main account', status: 'active', ...fields };
  const answer = await call('POST', '/api/accounts', { token, json });
  if (answer.status !== 201) throw new Error(`POST /api/accounts: ${answer.status} ${answer.text}`);
  return answer.json<Account>();
}
