import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Account, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z';
/** The bytes of an account: the keys in their order, times with six digits, nothing after them. */
const ACCOUNT = new RegExp(
  `^\\{"id":\\d+,"customer_id":\\d+,"name":"[^"]*","status":"[^"]*","created_at":"${TIME}","updated_at":"${TIME}"\\}$`,
);

let stage: ApiStage;
let admin: Person;
let customerId: number;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  customerId = (await makeCustomer(stage, admin.token)).id;
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: admin.token, ...options });
const make = (fields?: { name?: string; status?: string }) => makeAccount(stage, admin.token, customerId, fields);

/** An adopted row: the Go service let any status in. */
async function makeAdopted(status: string): Promise<number> {
  const [row] = await stage.sql<{ id: number }>(
    'INSERT INTO accounts (organization_id, customer_id, name, status) VALUES ($1, $2, $3, $4) RETURNING id',
    [admin.organizationId, customerId, 'Adopted', status],
  );
  return row?.id ?? 0;
}

describe('GET /api/accounts', () => {
  it('answers [] where there is none, and else an array, newest first', async () => {
    const { token } = await registerAdmin(stage);
    expect((await call('GET', '/api/accounts', { token })).text).toBe('[]');
    const made: Account[] = [];
    for (let index = 0; index < 3; index += 1) made.push(await make());
    const answer = await call('GET', '/api/accounts');
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect(answer.json<Account[]>().slice(0, 3)).toEqual(made.reverse());
  });
});

describe('GET /api/accounts/:id', () => {
  it('answers the account: keys in order, times with six digits', async () => {
    const { id } = await make();
    const answer = await call('GET', `/api/accounts/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect(answer.text).toMatch(ACCOUNT);
  });

  it.each([
    ['abc', 400, 'Invalid account ID'],
    ['1.5', 400, 'Invalid account ID'],
    ['9223372036854775808', 400, 'Invalid account ID'],
    ['99999999999', 404, 'Account not found'],
    ['-1', 404, 'Account not found'],
  ])('answers the id %s with %i', async (id, status, error) => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await call(method, `/api/accounts/${id}`);
      expect([answer.status, answer.json().error]).toEqual([status, error]);
    }
    const put = await call('PUT', `/api/accounts/${id}`, { json: { name: 'X', status: 'active' } });
    expect([put.status, put.json().error]).toEqual([status, error]);
  });
});

describe('POST /api/accounts', () => {
  it.each(['active', 'inactive', 'suspended', 'pending'])(
    'answers 201 with an account of status %s',
    async (status) => {
      const answer = await call('POST', '/api/accounts', { json: { customer_id: customerId, name: 'Main', status } });
      expect(answer.status).toBe(201);
      expect(answer.headers['content-type']).toBe(JSON_TYPE);
      expect(answer.text).toMatch(ACCOUNT);
      expect(answer.json<Account>()).toMatchObject({ customer_id: customerId, name: 'Main', status });
    },
  );

  it.each([
    ['no status', { customer_id: 1, name: 'A' }, 'status'],
    ['an unknown status', { customer_id: 1, name: 'A', status: 'closed' }, 'status'],
    ['a status in capitals', { customer_id: 1, name: 'A', status: 'Active' }, 'status'],
    ['no name', { customer_id: 1, status: 'active' }, 'name'],
    ['no customer', { name: 'A', status: 'active' }, 'customer_id'],
    ['a text as customer', { customer_id: '1', name: 'A', status: 'active' }, 'customer_id'],
    ['a fraction as customer', { customer_id: 1.5, name: 'A', status: 'active' }, 'customer_id'],
    ['a customer beyond 2^53', { customer_id: 1e300, name: 'A', status: 'active' }, 'customer_id'],
  ])('refuses %s with 400, naming the field', async (_what, json, field) => {
    const answer = await call('POST', '/api/accounts', { json });
    expect(answer.status).toBe(400);
    expect(answer.json<{ errors: { field: string }[] }>().errors.map((entry) => entry.field)).toEqual([field]);
  });

  it.each([0, -1, 2147483647, 99999999999])('refuses the unknown customer %d with 400', async (unknown) => {
    const json = { customer_id: unknown, name: 'A', status: 'active' };
    const answer = await call('POST', '/api/accounts', { json });
    expect([answer.status, answer.json().code]).toEqual([400, 'customer_unknown']);
  });

  it('ignores fields that it does not know, and stores none of them', async () => {
    const json = { customer_id: customerId, name: 'Sneaked', status: 'active', id: 4711, organization_id: 999 };
    const account = (await call('POST', '/api/accounts', { json })).json<Account>();
    const [row] = await stage.sql("SELECT id, organization_id FROM accounts WHERE name = 'Sneaked'");
    expect(row).toEqual({ id: account.id, organization_id: admin.organizationId });
    expect(account.id).not.toBe(4711);
  });
});

describe('PUT /api/accounts/:id', () => {
  it('answers 200 with the changed account; only updated_at moves', async () => {
    const before = await make();
    const answer = await call('PUT', `/api/accounts/${before.id}`, { json: { name: 'New', status: 'suspended' } });
    const after = answer.json<Account>();
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(ACCOUNT);
    expect(after).toEqual({ ...before, name: 'New', status: 'suspended', updated_at: after.updated_at });
    expect(after.updated_at > before.updated_at).toBe(true);
  });

  it('takes a status outside the four only where the row has it already', async () => {
    const id = await makeAdopted('legacy');
    const put = (status: string) => call('PUT', `/api/accounts/${id}`, { json: { name: 'X', status } });
    expect((await put('other')).status).toBe(400);
    const kept = await put('legacy');
    expect([kept.status, kept.json<Account>().status]).toEqual([200, 'legacy']);
    expect((await put('active')).status).toBe(200);
    const gone = await put('legacy');
    expect([gone.status, gone.json<{ errors: { field: string }[] }>().errors[0]?.field]).toEqual([400, 'status']);
  });

  it('says 404 of an account that is not there, whatever the status', async () => {
    const answer = await call('PUT', '/api/accounts/2147483647', { json: { name: 'X', status: 'legacy' } });
    expect([answer.status, answer.json().error]).toEqual([404, 'Account not found']);
  });

  it('does not move an account to another customer', async () => {
    const other = await makeCustomer(stage, admin.token);
    const { id } = await make();
    const json = { customer_id: other.id, name: 'X', status: 'active' };
    expect((await call('PUT', `/api/accounts/${id}`, { json })).json<Account>().customer_id).toBe(customerId);
  });

  it('requires name and status', async () => {
    const { id } = await make();
    expect((await call('PUT', `/api/accounts/${id}`, { json: { name: 'X' } })).status).toBe(400);
    expect((await call('PUT', `/api/accounts/${id}`, { json: { status: 'active' } })).status).toBe(400);
  });
});

describe('DELETE /api/accounts/:id', () => {
  it('answers 200 with the frozen text, then 404', async () => {
    const { id } = await make();
    const answer = await call('DELETE', `/api/accounts/${id}`);
    expect([answer.status, answer.text]).toEqual([200, '{"message":"Account deleted successfully"}']);
    expect((await call('DELETE', `/api/accounts/${id}`)).json().error).toBe('Account not found');
  });
});
