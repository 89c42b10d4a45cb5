import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { untilFollowerCaughtUp } from '../support/test-database.js';

let stage: ApiStage;
let admin: Person;
let customerId: number;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  customerId = (await makeCustomer(stage, admin.token)).id;
  const other = await makeCustomer(stage, admin.token);
  await makeCustomer(stage, admin.token, { name: 'Without accounts' });
  for (const status of ['active', 'active', 'inactive', 'suspended', 'pending']) {
    await makeAccount(stage, admin.token, customerId, { status });
  }
  await makeAccount(stage, admin.token, other.id, { status: 'inactive' });
  await stage.sql(
    "INSERT INTO accounts (organization_id, customer_id, name, status) VALUES ($1, $2, 'Old', 'legacy')",
    [admin.organizationId, other.id],
  );
  await untilFollowerCaughtUp(stage.database);
});
afterAll(() => stage?.close());

const get = (path: string, token = admin.token) => stage.call('GET', path, { token });

it('answers the totals in the frozen order, from the follower', async () => {
  const answer = await get('/api/analytics');
  expect(answer.text.replace(/"as_of":"[^"]*"/, '"as_of":"…"')).toBe(
    '{"total_customers":3,"total_accounts":7,"active_accounts":2,"inactive_accounts":2,"avg_accounts_per_customer":3.5,' +
      '"accounts_by_status":{"active":2,"inactive":2,"suspended":1,"pending":1,"legacy":1},"as_of":"…"}',
  );
  expect(answer.json().as_of).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect([answer.headers['x-db-route'], answer.headers['x-db-route-reason']]).toEqual(['follower', 'ok']);
});

it('answers an empty organization with zeros', async () => {
  const { token } = await registerAdmin(stage);
  await untilFollowerCaughtUp(stage.database);
  expect((await get('/api/analytics', token)).json()).toMatchObject({
    total_customers: 0,
    total_accounts: 0,
    active_accounts: 0,
    inactive_accounts: 0,
    avg_accounts_per_customer: 0,
    accounts_by_status: { active: 0, inactive: 0, suspended: 0, pending: 0 },
  });
});

it('answers the totals of a customer: its id as text, and all that is not active as inactive', async () => {
  const answer = await get(`/api/analytics/customers/${customerId}`);
  expect(answer.text).toBe(
    `{"customer_id":"${customerId}","total_accounts":5,"active_accounts":2,"inactive_accounts":3}`,
  );
  expect([answer.headers['x-db-route'], answer.headers['x-db-route-reason']]).toEqual(['follower', 'ok']);
});

it.each(['2147483647', '99999999999', '-1', '0'])('answers the unknown customer %s with zeros and 200', async (id) => {
  const answer = await get(`/api/analytics/customers/${id}`);
  expect([answer.status, answer.text]).toEqual([
    200,
    `{"customer_id":"${id}","total_accounts":0,"active_accounts":0,"inactive_accounts":0}`,
  ]);
});

it.each(['abc', '1.5', '9223372036854775808'])('answers 400 to the customer id %s', async (id) => {
  const answer = await get(`/api/analytics/customers/${id}`);
  expect([answer.status, answer.json().error]).toEqual([400, 'Invalid customer ID']);
});

it('answers a time series with every day of the range, from the follower', async () => {
  const answer = await get('/api/analytics/timeseries?metric=accounts_total&time_zone=Asia/Kathmandu');
  expect([answer.status, answer.headers['x-db-route']]).toEqual([200, 'follower']);
  const { metric, interval, time_zone, as_of } = answer.json();
  const points = answer.json().points as unknown[];
  expect(Object.keys(answer.json())).toEqual(['metric', 'interval', 'time_zone', 'as_of', 'points']);
  expect([metric, interval, time_zone, points.length]).toEqual(['accounts_total', 'day', 'Asia/Kathmandu', 30]);
  expect(as_of).toMatch(/\.\d{6}Z$/);
  expect(points.at(-1)).toEqual({ start: expect.stringMatching(/T18:15:00\.000000Z$/), value: 7 });
});

it.each([
  '',
  '?metric=accounts',
  '?metric=accounts_total&metric=accounts_total',
  '?metric=accounts_total&interval=hour',
  '?metric=accounts_total&time_zone=Nowhere/Land',
  '?metric=accounts_total&from=2026-13-01',
  '?metric=accounts_total&from=2026-02-01&to=2026-01-01',
  '?metric=accounts_total&from=0001-01-01',
])('answers 400 to the time series %j, naming the field', async (query) => {
  const answer = await get(`/api/analytics/timeseries${query}`);
  expect([answer.status, answer.json().code]).toEqual([400, 'validation_failed']);
  const [error] = answer.json().errors as { field: string }[];
  expect(error?.field).toMatch(/^(metric|interval|time_zone|from)$/);
});

it('answers customers and accounts from the primary, and says so', async () => {
  for (const path of [`/api/customers/${customerId}`, '/api/customers?limit=1', '/api/accounts?limit=1']) {
    const { headers } = await get(path);
    expect([headers['x-db-route'], headers['x-db-route-reason']]).toEqual(['primary', 'preference']);
  }
});

it('counts its choices by target and reason', async () => {
  await get('/api/analytics');
  const { text } = await stage.call('GET', '/metrics');
  expect(text).toMatch(/^db_route_total\{(?=[^}]*target="follower")(?=[^}]*reason="ok")[^}]*\} [1-9]/m);
  expect(text).toMatch(/^db_route_total\{(?=[^}]*target="primary")(?=[^}]*reason="preference")[^}]*\} [1-9]/m);
});
