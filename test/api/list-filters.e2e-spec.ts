import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { linksOf } from '../support/list-pages.js';
import { findNames, type Named } from './find-names.js';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

describe('accounts', () => {
  let first: number;
  let second: number;
  beforeAll(async () => {
    first = (await makeCustomer(stage, admin.token)).id;
    second = (await makeCustomer(stage, admin.token)).id;
    await makeAccount(stage, admin.token, first, { name: 'Alpha', status: 'active' });
    await makeAccount(stage, admin.token, first, { name: 'Beta', status: 'pending' });
    await makeAccount(stage, admin.token, second, { name: 'Gamma', status: 'active' });
    await stage.sql(
      "INSERT INTO accounts (organization_id, customer_id, name, status) VALUES ($1, $2, 'Old', 'legacy')",
      [admin.organizationId, second],
    );
  });
  const accounts = (filters: Record<string, string>) => findNames(stage, '/api/accounts', filters, admin.token);

  it('are filtered by status, adopted ones included', async () => {
    expect(await accounts({ status: 'active' })).toEqual(['Alpha', 'Gamma']);
    expect(await accounts({ status: 'legacy' })).toEqual(['Old']);
    expect(await accounts({ status: 'ACTIVE' })).toEqual([]);
  });

  it('are filtered by customer, also by one that nobody has', async () => {
    expect(await accounts({ customer_id: String(first) })).toEqual(['Alpha', 'Beta']);
    expect(await accounts({ customer_id: '2147483647' })).toEqual([]);
    expect(await accounts({ customer_id: '9007199254740991' })).toEqual([]);
    for (const id of ['abc', '-1', '1.5', '0']) {
      const answer = await stage.call('GET', `/api/accounts?customer_id=${id}`, { token: admin.token });
      expect([id, answer.status]).toEqual([id, 400]);
    }
  });

  it('are filtered by all at once', async () => {
    expect(await accounts({ status: 'active', customer_id: String(second), q: 'amm' })).toEqual(['Gamma']);
    expect(await accounts({ status: 'active', customer_id: String(second), q: 'alp' })).toEqual([]);
  });
});

describe('created_after and created_before', () => {
  let token: string;
  beforeAll(async () => {
    const own = await registerAdmin(stage);
    token = own.token;
    await stage.sql(
      `INSERT INTO customers (organization_id, name, email, created_at) VALUES
       ($1, '1 early', 'e@x.y', '2026-03-01 11:59:59.999999'), ($1, '2 noon', 'n@x.y', '2026-03-01 12:00:00'),
       ($1, '3 late', 'l@x.y', '2026-03-01 12:00:00.000001')`,
      [own.organizationId],
    );
  });
  const found = (filters: Record<string, string>) => findNames(stage, '/api/customers', filters, token);

  it('are exclusive, to the microsecond', async () => {
    expect(await found({ created_after: '2026-03-01T12:00:00Z' })).toEqual(['3 late']);
    expect(await found({ created_before: '2026-03-01T12:00:00Z' })).toEqual(['1 early']);
    expect(
      await found({ created_after: '2026-03-01T11:59:59.999999Z', created_before: '2026-03-01T12:00:00.000001Z' }),
    ).toEqual(['2 noon']);
  });

  it('mind the offset of the time that was given', async () => {
    expect(await found({ created_after: '2026-03-01T14:00:00+02:00' })).toEqual(['3 late']);
    expect(await found({ created_before: '2026-03-01T06:30:00-05:30' })).toEqual(['1 early']);
  });

  it('take a day for its beginning in UTC', async () => {
    expect(await found({ created_after: '2026-03-01', created_before: '2026-03-02' })).toHaveLength(3);
    expect(await found({ created_before: '2026-03-01' })).toEqual([]);
  });

  it.each([
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '0000-01-01',
    '2026-03-01T25:00:00Z',
    '2026-03-01T12:00:00',
    '1',
    '-infinity',
    'now',
  ])('refuse %s with 400, naming the field', async (time) => {
    for (const [field, paged] of [
      ['created_after', ''],
      ['created_before', '&limit=5'],
    ] as const) {
      const answer = await stage.call('GET', `/api/customers?${field}=${time}${paged}`, { token });
      const { code, errors } = answer.json<{ code: string; errors: { field: string }[] }>();
      expect([answer.status, code, errors[0]?.field]).toEqual([400, 'validation_failed', field]);
    }
  });

  it('work together with pages', async () => {
    const first = await stage.call('GET', '/api/customers?created_after=2026-01-01&sort=created_at&limit=2', { token });
    const second = await stage.call('GET', linksOf(first).next ?? '', { token });
    expect(second.json<Named[]>().map(({ name }) => name)).toEqual(['3 late']);
  });
});
