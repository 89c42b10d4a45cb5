import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Customer, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { CallOptions } from '../support/http-call.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z';
/** The bytes of a customer: the keys in their order, times with six digits, nothing after them. */
const CUSTOMER = new RegExp(
  `^\\{"id":\\d+,"name":"[^"]*","email":"[^"]*","created_at":"${TIME}","updated_at":"${TIME}"\\}$`,
);

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, options: CallOptions = {}) =>
  stage.call(method, path, { token: admin.token, ...options });
const make = (fields?: { name?: string; email?: string }) => makeCustomer(stage, admin.token, fields);

describe('GET /api/customers', () => {
  it('answers an organization without customers with [] and not with null', async () => {
    const { token } = await registerAdmin(stage);
    const answer = await call('GET', '/api/customers', { token });
    expect([answer.status, answer.text]).toEqual([200, '[]']);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
  });

  it('answers an array of customers, newest first', async () => {
    const made: Customer[] = [];
    for (let index = 0; index < 3; index += 1) made.push(await make());
    const answer = await call('GET', '/api/customers');
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    const listed = answer.json<Customer[]>();
    expect(listed.slice(0, 3)).toEqual(made.reverse());
    expect(answer.text).toBe(`[${listed.map((customer) => JSON.stringify(customer)).join(',')}]`);
  });
});

describe('GET /api/customers/:id', () => {
  it('answers the customer: keys in order, times with six digits', async () => {
    const { id } = await make({ name: 'Jane' });
    const answer = await call('GET', `/api/customers/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect(answer.text).toMatch(CUSTOMER);
  });

  it('keeps six digits where the microseconds end in zeros, and every microsecond else', async () => {
    const { id } = await make();
    for (const time of ['2026-11-22 09:17:21', '2026-11-22 09:17:21.000001', '2024-02-29 23:59:59.999999']) {
      await stage.sql('UPDATE customers SET created_at = $2, updated_at = $2 WHERE id = $1', [id, time]);
      const expected = `${time.replace(' ', 'T')}${time.includes('.') ? '' : '.000000'}Z`;
      expect((await call('GET', `/api/customers/${id}`)).json<Customer>().created_at).toBe(expected);
    }
  });

  it.each([
    'abc',
    '1.5',
    '1e3',
    '0x10',
    '--1',
    '%20',
    '1%2F2',
    'NaN',
    '٣',
    '9223372036854775808',
    '-9223372036854775809',
    '9'.repeat(60),
  ])('answers 400 to the id %s', async (id) => {
    const answer = await call('GET', `/api/customers/${encodeURI(decodeURI(id))}`);
    expect([answer.status, answer.json().error]).toEqual([400, 'Invalid customer ID']);
  });

  it.each(['0', '-1', '99999999999', '2147483647', '2147483648', '9223372036854775807', '-9223372036854775808'])(
    'answers 404 to the id %s, which is a number that no customer has',
    async (id) => {
      const answer = await call('GET', `/api/customers/${id}`);
      expect([answer.status, answer.json().error]).toEqual([404, 'Customer not found']);
    },
  );

  it('reads a sign and leading zeros as the Go service did', async () => {
    const { id } = await make();
    for (const written of [`+${id}`, `00${id}`]) {
      expect((await call('GET', `/api/customers/${written}`)).json<Customer>().id).toBe(id);
    }
  });
});

describe('POST /api/customers', () => {
  it('answers 201 with the stored customer', async () => {
    const answer = await call('POST', '/api/customers', { json: { name: 'Jane', email: 'jane@example.com' } });
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect(answer.text).toMatch(CUSTOMER);
    const customer = answer.json<Customer>();
    expect(customer.created_at).toBe(customer.updated_at);
    expect((await call('GET', `/api/customers/${customer.id}`)).text).toBe(answer.text);
  });

  it('stores times in UTC, of now', async () => {
    const before = Date.now() - 1_000;
    const { created_at } = await make();
    expect(Date.parse(created_at)).toBeGreaterThan(before);
    expect(Date.parse(created_at)).toBeLessThan(Date.now() + 1_000);
  });

  it('refuses an e-mail address that the organization has already with 409', async () => {
    const { email } = await make();
    const answer = await call('POST', '/api/customers', { json: { name: 'Again', email } });
    expect([answer.status, answer.json().code]).toEqual([409, 'email_taken']);
    expect(answer.json().errors).toEqual([{ field: 'email', code: 'taken', message: answer.json().error }]);
  });

  it('takes an address that differs in case for another customer', async () => {
    await make({ email: 'Jo@example.com' });
    expect((await make({ email: 'jo@example.com' })).email).toBe('jo@example.com');
    expect((await make({ email: 'jo@EXAMPLE.com' })).email).toBe('jo@EXAMPLE.com');
  });

  it('ignores fields that it does not know, and stores none of them', async () => {
    const sneaked = {
      id: 4711,
      organization_id: 999,
      created_at: '2001-01-01T00:00:00Z',
      status: 'x',
      extra: { a: [1] },
    };
    const answer = await call('POST', '/api/customers', {
      json: { name: 'A', email: 'sneak@example.com', ...sneaked },
    });
    expect(answer.status).toBe(201);
    const [row] = await stage.sql("SELECT id, organization_id FROM customers WHERE email = 'sneak@example.com'");
    expect(row).toMatchObject({ organization_id: admin.organizationId });
    expect(answer.json<Customer>().id).not.toBe(4711);
    expect(answer.json<Customer>().created_at).not.toContain('2001');
    expect(answer.text).toMatch(CUSTOMER);
  });

  it.each([
    ['no name', { email: 'a@b.c' }, 'name'],
    ['an empty name', { name: '', email: 'a@b.c' }, 'name'],
    ['a name of 256 characters', { name: 'x'.repeat(256), email: 'a@b.c' }, 'name'],
    ['a number as name', { name: 5, email: 'a@b.c' }, 'name'],
    ['null as name', { name: null, email: 'a@b.c' }, 'name'],
    ['no e-mail address', { name: 'A' }, 'email'],
    ['an address without @', { name: 'A', email: 'nobody' }, 'email'],
    ['an address with a space', { name: 'A', email: 'a b@c.d' }, 'email'],
    ['an address of 256 characters', { name: 'A', email: `${'x'.repeat(250)}@ab.cd` }, 'email'],
    ['a list as address', { name: 'A', email: ['a@b.c'] }, 'email'],
  ])('refuses %s with 400, naming the field', async (_what, json, field) => {
    const answer = await call('POST', '/api/customers', { json });
    const { error, errors } = answer.json<{ error: string; errors: { field: string }[] }>();
    expect([answer.status, errors.map((entry) => entry.field)]).toEqual([400, [field]]);
    expect(error).toContain(field);
  });

  it('names every wrong field of a body at once', async () => {
    const { errors } = (await call('POST', '/api/customers', { json: {} })).json<{ errors: { field: string }[] }>();
    expect(errors.map((entry) => entry.field).sort()).toEqual(['email', 'name']);
  });

  it('accepts what <input type=email> accepts, and names of 255 characters of any script', async () => {
    for (const email of ['x@localhost', "o'brien+tag@sub.example.co.uk", `${'y'.repeat(247)}@ab.cde`]) {
      expect((await make({ email })).email).toBe(email);
    }
    for (const name of ['ж'.repeat(255), '🙂'.repeat(255), '  ', "Robert'); DROP TABLE customers;--"]) {
      expect((await make({ name })).name).toBe(name);
    }
  });
});

describe('PUT /api/customers/:id', () => {
  it('answers 200 with the changed customer; only updated_at moves', async () => {
    const before = await make();
    const answer = await call('PUT', `/api/customers/${before.id}`, {
      json: { name: 'New', email: 'new@example.com' },
    });
    const after = answer.json<Customer>();
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(CUSTOMER);
    expect(after).toEqual({ ...before, name: 'New', email: 'new@example.com', updated_at: after.updated_at });
    expect(after.updated_at > before.updated_at).toBe(true);
  });

  it('lets a customer keep its address, and refuses another one’s with 409', async () => {
    const [one, two] = [await make(), await make()];
    const put = (email: string) => call('PUT', `/api/customers/${one.id}`, { json: { name: 'X', email } });
    expect((await put(one.email)).status).toBe(200);
    expect((await put(two.email)).status).toBe(409);
  });

  it('answers 404 for a customer that is not there, 400 for what is no id or no customer', async () => {
    const json = { name: 'X', email: 'x@example.com' };
    expect((await call('PUT', '/api/customers/99999999999', { json })).json().error).toBe('Customer not found');
    expect((await call('PUT', '/api/customers/abc', { json })).json().error).toBe('Invalid customer ID');
    expect((await call('PUT', `/api/customers/${(await make()).id}`, { json: { name: 'X' } })).status).toBe(400);
  });
});

describe('DELETE /api/customers/:id', () => {
  it('answers 200 with the frozen text, and the accounts are gone as well', async () => {
    const { id } = await make();
    const account = await makeAccount(stage, admin.token, id);
    const answer = await call('DELETE', `/api/customers/${id}`);
    expect([answer.status, answer.text]).toEqual([200, '{"message":"Customer deleted successfully"}']);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect((await call('GET', `/api/customers/${id}`)).status).toBe(404);
    expect((await call('GET', `/api/accounts/${account.id}`)).status).toBe(404);
    expect((await call('DELETE', `/api/customers/${id}`)).json().error).toBe('Customer not found');
  });

  it('takes an empty body that claims to be JSON, as some clients send it', async () => {
    const { id } = await make();
    const headers = { 'content-type': 'application/json', 'content-length': '0' };
    expect((await call('DELETE', `/api/customers/${id}`, { headers })).status).toBe(200);
    const [other] = [await make()];
    const chunked = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    expect((await call('DELETE', `/api/customers/${other?.id}`, { headers: chunked })).status).toBe(200);
  });

  it('answers 400 to what is no id', async () => {
    expect((await call('DELETE', '/api/customers/abc')).json().error).toBe('Invalid customer ID');
  });
});
