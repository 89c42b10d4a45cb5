import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Account, type Customer, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';
import { linksOf } from '../support/list-pages.js';
import { untilFollowerCaughtUp } from '../support/test-database.js';

let stage: ApiStage;
let ours: Person;
let theirs: Person;
let customer: Customer;
let account: Account;
let jobId: string;
beforeAll(async () => {
  stage = await openApiStage();
  [ours, theirs] = [await registerAdmin(stage, 'ours'), await registerAdmin(stage, 'theirs')];
  const { token } = theirs;
  customer = await makeCustomer(stage, token, { name: 'Secret Customer', email: 'secret@example.com' });
  account = await makeAccount(stage, token, customer.id, { name: 'Secret Account', status: 'suspended' });
  for (let index = 0; index < 4; index += 1) {
    const { id } = await makeCustomer(stage, token, { name: `Secret ${index}` });
    await makeAccount(stage, token, id, { name: `Secret ${index}` });
  }
  jobId = String((await stage.call('POST', '/api/jobs', { token, json: { type: 'aggregate' } })).json().id);
  await stage.sql("UPDATE jobs SET state = 'failed' WHERE id = $1", [jobId]);
  await untilFollowerCaughtUp(stage.database);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: ours.token, ...options });

/** Everything that the other organization has. */
const snapshot = () =>
  Promise.all(
    ['customers', 'accounts', 'users', 'jobs'].map((table) =>
      stage.sql(`SELECT * FROM ${table} WHERE organization_id = $1 ORDER BY id`, [theirs.organizationId]),
    ),
  );

describe('of another organization', () => {
  const queries = [
    '',
    '?limit=200',
    '?q=Secret',
    '?q=se',
    '?q=s',
    '?sort=name',
    '?sort=-name&limit=5',
    '?created_after=2020-01-01',
    '?created_before=2100-01-01&limit=3',
  ];
  const more: Record<string, string[]> = {
    '/api/customers': ['?sort=email', '?q=secret%40example.com'],
    '/api/accounts': [
      '?status=suspended',
      '?customer_id={customer}',
      '?customer_id={customer}&status=suspended&q=Secret&limit=9',
    ],
  };

  it.each(['/api/customers', '/api/accounts'])('nothing is listed or counted by %s, in any form', async (path) => {
    for (const query of [...queries, ...(more[path] ?? [])]) {
      const url = `${path}${query.replace('{customer}', String(customer.id))}`;
      const json = await call('GET', url, { headers: { prefer: 'count=exact' } });
      expect([url, json.text, json.headers['x-total-count']]).toEqual([url, '[]', '0']);
      expect((await call('GET', url, { headers: { accept: 'application/x-ndjson' } })).text).toBe('');
      expect((await call('GET', url, { headers: { accept: 'text/csv' } })).text.split('\n')).toHaveLength(2);
    }
  });

  it.each(['/api/customers', '/api/accounts'])('a cursor of %s leads nowhere', async (path) => {
    const { next } = linksOf(await stage.call('GET', `${path}?limit=2`, { token: theirs.token }));
    expect(next).toBeDefined();
    const answer = await call('GET', next ?? '');
    expect(answer.text).not.toContain('Secret');
    expect([200, 400]).toContain(answer.status);
  });

  it('what is there can’t be told from what is not', async () => {
    const before = await snapshot();
    const body = { name: 'Taken over', email: 'over@example.com', status: 'active' };
    const calls: [string, (id: number | string) => string, number | string, unknown?][] = [
      ['GET', (id) => `/api/customers/${id}`, customer.id],
      ['PUT', (id) => `/api/customers/${id}`, customer.id, body],
      ['DELETE', (id) => `/api/customers/${id}`, customer.id],
      ['GET', (id) => `/api/accounts/${id}`, account.id],
      ['PUT', (id) => `/api/accounts/${id}`, account.id, body],
      ['PUT', (id) => `/api/accounts/${id}`, account.id, { ...body, status: 'suspended' }],
      ['PUT', (id) => `/api/accounts/${id}`, account.id, { ...body, status: 'outside the four' }],
      ['DELETE', (id) => `/api/accounts/${id}`, account.id],
    ];
    for (const [method, path, id, json] of calls) {
      const there = await call(method, path(id), { json });
      const nowhere = await call(method, path(2147483647), { json });
      expect([method, path(id), there.status]).toEqual([method, path(id), 404]);
      expect(withoutRequestId(there.text)).toBe(withoutRequestId(nowhere.text));
    }
    expect(await snapshot()).toEqual(before);
  });

  it('a customer takes no account, like one that does not exist', async () => {
    const attach = (id: number) =>
      call('POST', '/api/accounts', { json: { customer_id: id, name: 'Attached', status: 'active' } });
    const [there, nowhere] = [await attach(customer.id), await attach(2147483647)];
    expect(there.status).toBe(400);
    expect(withoutRequestId(there.text)).toBe(withoutRequestId(nowhere.text));
  });

  it('an e-mail address is free here', async () => {
    const made = await makeCustomer(stage, ours.token, { name: 'Ours', email: 'secret@example.com' });
    expect(made.id).not.toBe(customer.id);
    await call('DELETE', `/api/customers/${made.id}`);
  });

  it('totals stay zero, from the follower and from the primary', async () => {
    await untilFollowerCaughtUp(stage.database);
    const zeros = { total_customers: 0, total_accounts: 0, active_accounts: 0, inactive_accounts: 0 };
    expect((await call('GET', '/api/analytics')).json()).toMatchObject({ ...zeros, avg_accounts_per_customer: 0 });
    const { text } = await call('GET', `/api/analytics/customers/${customer.id}`);
    expect(text).toBe(`{"customer_id":"${customer.id}","total_accounts":0,"active_accounts":0,"inactive_accounts":0}`);
  });

  it('jobs are neither listed nor shown nor cancelled nor started again', async () => {
    const before = await snapshot();
    expect((await call('GET', '/api/jobs')).json()).toEqual({ jobs: [], next_cursor: null });
    for (const [method, path] of [
      ['GET', `/api/jobs/${jobId}`],
      ['POST', `/api/jobs/${jobId}/cancel`],
      ['POST', `/api/jobs/${jobId}/retry`],
    ] as const) {
      const answer = await call(method, path);
      expect([answer.status, answer.json().error]).toEqual([404, 'Job not found']);
    }
    expect(await snapshot()).toEqual(before);
  });
});

it('a customer’s deletion takes the accounts of that customer and no others', async () => {
  const before = await snapshot();
  const mine = await makeCustomer(stage, ours.token);
  await makeAccount(stage, ours.token, mine.id);
  expect((await call('DELETE', `/api/customers/${mine.id}`)).status).toBe(200);
  expect((await call('GET', '/api/accounts')).text).toBe('[]');
  expect(await snapshot()).toEqual(before);
});

function withoutRequestId(text: string): string {
  return text.replace(/"request_id":"[^"]*"/, '');
}
