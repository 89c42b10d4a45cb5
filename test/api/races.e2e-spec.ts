import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Account, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { Answer } from '../support/http-call.js';

const AT_ONCE = 20;

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, json?: unknown) => stage.call(method, path, { token: admin.token, json });
const atOnce = (make: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, i) => make(i)));

/** How many answers had each status. */
function tally(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('twenty at once', () => {
  it('make a customer of the same e-mail address: one does', async () => {
    const answers = await atOnce((index) =>
      call('POST', '/api/customers', { name: `N${index}`, email: 'same@example.com' }),
    );
    expect(tally(answers)).toEqual({ 201: 1, 409: AT_ONCE - 1 });
  });

  it('give different customers the same e-mail address: one does', async () => {
    const customers = await Promise.all(Array.from({ length: AT_ONCE }, () => makeCustomer(stage, admin.token)));
    const answers = await atOnce((index) =>
      call('PUT', `/api/customers/${customers[index]?.id}`, { name: 'N', email: 'wanted@example.com' }),
    );
    expect(tally(answers)).toEqual({ 200: 1, 409: AT_ONCE - 1 });
  });

  it('delete one customer: one does', async () => {
    const { id } = await makeCustomer(stage, admin.token);
    const answers = await atOnce(() => call('DELETE', `/api/customers/${id}`));
    expect(tally(answers)).toEqual({ 200: 1, 404: AT_ONCE - 1 });
  });

  it('open accounts of a customer that is being deleted: each is made and goes with it, or is refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await makeCustomer(stage, admin.token);
      const answers = await atOnce((index) =>
        index === 10
          ? call('DELETE', `/api/customers/${id}`)
          : call('POST', '/api/accounts', { customer_id: id, name: 'A', status: 'active' }),
      );
      const { 200: deleted, 201: made = 0, 400: refused = 0, ...others } = tally(answers);
      expect([deleted, made + refused, others]).toEqual([1, AT_ONCE - 1, {}]);
      expect(await stage.sql('SELECT id FROM accounts WHERE customer_id = $1', [id])).toEqual([]);
    }
  });

  it('change accounts while their customer is being deleted: none fails', async () => {
    const { id } = await makeCustomer(stage, admin.token);
    const accounts: Account[] = [];
    for (let index = 0; index < AT_ONCE; index += 1) accounts.push(await makeAccount(stage, admin.token, id));
    const answers = await atOnce((index) =>
      index === 10
        ? call('DELETE', `/api/customers/${id}`)
        : call(index % 2 ? 'PUT' : 'DELETE', `/api/accounts/${accounts[index]?.id}`, { name: 'B', status: 'pending' }),
    );
    const { 200: done = 0, 404: gone = 0, ...others } = tally(answers);
    expect([done + gone, others]).toEqual([AT_ONCE, {}]);
  });

  it('change one customer: every change is whole and the last one stays', async () => {
    const { id } = await makeCustomer(stage, admin.token);
    const answers = await atOnce((index) =>
      call('PUT', `/api/customers/${id}`, { name: `N${index}`, email: `n${index}@example.com` }),
    );
    expect(tally(answers)).toEqual({ 200: AT_ONCE });
    const last = (await call('GET', `/api/customers/${id}`)).json();
    expect(answers.map(({ text }) => text)).toContain(JSON.stringify(last));
    expect(last.email).toBe(`${String(last.name).toLowerCase()}@example.com`);
  });

  it('get different customers: each is given its own', async () => {
    const customers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, i) => makeCustomer(stage, admin.token, { name: `Own ${i}` })),
    );
    const stranger = await registerAdmin(stage);
    const answers = await atOnce((index) =>
      stage.call('GET', `/api/customers/${customers[index]?.id}`, { token: index % 4 ? admin.token : stranger.token }),
    );
    for (const [index, answer] of answers.entries()) {
      expect(answer.status).toBe(index % 4 ? 200 : 404);
      if (answer.status === 200) expect(answer.json()).toEqual(customers[index]);
    }
  });
});
