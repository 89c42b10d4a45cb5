import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Customer, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { Answer } from '../support/http-call.js';
import { lockTable } from '../support/table-lock.js';

let stage: ApiStage;
let admin: Person;
let customer: Customer;
beforeAll(async () => {
  const small = { PRIMARY_POOL_MAX: '2', FALLBACK_POOL_MAX: '1', STATEMENT_TIMEOUT_MS: '1000' };
  stage = await openApiStage({ ANALYTICS_DB_URL: '', ...small });
  admin = await registerAdmin(stage);
  customer = await makeCustomer(stage, admin.token);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, json?: unknown) => stage.call(method, path, { token: admin.token, json });
const rename = (name: string) => call('PUT', `/api/customers/${customer.id}`, { name, email: customer.email });

function expectRefused(answers: Answer[], codes: string[]): void {
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(codes).toContain(answer.json().code);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
}

it('analytics that nobody can take are shed, and never hold up customers and accounts', async () => {
  const release = await lockTable(stage.database.primaryUrl, 'rollup_state');
  try {
    const stuck = Array.from({ length: 90 }, () => call('GET', '/api/analytics'));
    for (let index = 0; index < 10; index += 1) {
      const answers = [await call('GET', `/api/customers/${customer.id}`), await rename(`Renamed ${index}`)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    }
    const answers = await Promise.all(stuck);
    expectRefused(answers, ['analytics_shed', 'statement_timeout']);
    const atOnce = answers.filter(({ ms }) => ms < 900);
    expect(atOnce.length).toBeGreaterThan(0);
    expectRefused(atOnce, ['analytics_shed']);
  } finally {
    await release();
  }
  expect((await call('GET', '/api/analytics')).status).toBe(200);
  expect((await stage.call('GET', '/metrics')).text).toMatch(/^db_fallback_shed_total\S* [1-9]/m);
});

it('a statement that takes too long is 503 with Retry-After, and has changed nothing', async () => {
  const { name } = (await call('GET', `/api/customers/${customer.id}`)).json<Customer>();
  const release = await lockTable(stage.database.primaryUrl, 'customers');
  try {
    expectRefused(await Promise.all([rename('Too late'), rename('Too late')]), ['statement_timeout']);
  } finally {
    await release();
  }
  expect((await call('GET', `/api/customers/${customer.id}`)).json<Customer>().name).toBe(name);
});

it('more statements than connections for long are 503 and no fault, and all is well afterwards', async () => {
  const release = await lockTable(stage.database.primaryUrl, 'customers');
  try {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => rename(`Waited ${index}`)));
    expectRefused(answers, ['statement_timeout', 'primary_unavailable']);
  } finally {
    await release();
  }
  expect((await stage.call('GET', '/health')).status).toBe(200);
  expect((await rename('After all')).status).toBe(200);
});
