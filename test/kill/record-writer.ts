import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../faults/chaos/seeded-random.js';
import type { KeptBooks } from './kept-books.js';
import type { PatientClient } from './patient-client.js';

const STATUSES = ['active', 'inactive', 'suspended', 'pending'];
const PAUSE_MS = 15;

interface OwnCustomer {
  id: number;
  email: string;
  accounts: { id: number; name: string }[];
}

/** Creates, changes and deletes what is its own alone, and keeps books of it, until it is told that it is over. */
export async function writeRecords(
  client: PatientClient,
  books: KeptBooks,
  random: SeededRandom,
  writer: string,
  isOver: () => boolean,
): Promise<void> {
  const own: OwnCustomer[] = [];
  for (let turn = 0; !isOver(); turn += 1) {
    const customer = own.length > 0 ? random.pick(own) : undefined;
    const kind = random.next();
    if (customer === undefined || kind < 0.25) await createCustomer(`kill-${writer}-${turn}`);
    else if (kind < 0.6) await createAccount(customer, `kill-${writer}-${turn}`);
    else if (kind < 0.85) await changeStatus(customer);
    else if (kind < 0.95) await deleteAccount(customer);
    else await deleteCustomer(customer);
    await sleep(PAUSE_MS);
  }

  async function createCustomer(name: string): Promise<void> {
    const email = `${name}@example.com`;
    const answer = await client.attempt('POST', '/api/customers', { json: { name, email } });
    books.note('customers', email, 'there', answer?.status === 201);
    if (answer?.status === 201) own.push({ id: answer.json<{ id: number }>().id, email, accounts: [] });
  }

  async function createAccount(customer: OwnCustomer, name: string): Promise<void> {
    const status = random.pick(STATUSES);
    const json = { customer_id: customer.id, name, status };
    const answer = await client.attempt('POST', '/api/accounts', { json });
    books.note('accounts', name, status, answer?.status === 201);
    if (answer?.status === 201) customer.accounts.push({ id: answer.json<{ id: number }>().id, name });
  }

  async function changeStatus({ accounts }: OwnCustomer): Promise<void> {
    if (accounts.length === 0) return;
    const { id, name } = random.pick(accounts);
    const status = random.pick(STATUSES);
    const answer = await client.attempt('PUT', `/api/accounts/${id}`, { json: { name, status } });
    // An account whose deletion nobody could tell may be gone.
    if (answer === undefined || answer.status === 200) books.note('accounts', name, status, answer !== undefined);
  }

  async function deleteAccount({ accounts }: OwnCustomer): Promise<void> {
    if (accounts.length === 0) return;
    const [{ id, name }] = accounts.splice(Math.floor(random.next() * accounts.length), 1) as [
      { id: number; name: string },
    ];
    const answer = await client.attempt('DELETE', `/api/accounts/${id}`);
    books.note('accounts', name, null, answer?.status === 200);
  }

  async function deleteCustomer(customer: OwnCustomer): Promise<void> {
    own.splice(own.indexOf(customer), 1);
    const answer = await client.attempt('DELETE', `/api/customers/${customer.id}`);
    const isKnown = answer?.status === 200;
    books.note('customers', customer.email, null, isKnown);
    for (const { name } of customer.accounts) books.note('accounts', name, null, isKnown);
  }
}
