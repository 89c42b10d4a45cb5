import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { linksOf } from '../support/list-pages.js';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

interface Named {
  id: number;
  name: string;
}

/** Names found, by the whole list and by a page, which must agree, and be as many as are counted. */
async function find(path: string, filters: Record<string, string>, token = admin.token): Promise<string[]> {
  const query = new URLSearchParams({ sort: 'name', ...filters });
  const headers = { prefer: 'count=exact' };
  const whole = await stage.call('GET', `${path}?${query}`, { token, headers });
  const page = await stage.call('GET', `${path}?${query}&limit=200`, { token, headers });
  expect([whole.status, page.text]).toEqual([200, whole.text]);
  const names = whole.json<Named[]>().map(({ name }) => name);
  expect([whole.headers['x-total-count'], page.headers['x-total-count']]).toEqual([
    `${names.length}`,
    `${names.length}`,
  ]);
  return names;
}

describe('q', () => {
  const NAMES = [
    'Ägidius Öl',
    'Жанна',
    'Müller',
    'anna',
    'Banna',
    '100% sure',
    '100 percent',
    'under_score',
    'underXscore',
  ];
  const more = ['back\\slash', "O'Brien", 'quote"d', '日本語の名前', 'Straße', '🙂 smile', ' lead'];
  let token: string;
  const found = (q: string) => find('/api/customers', { q }, token);

  beforeAll(async () => {
    token = (await registerAdmin(stage)).token;
    for (const [index, name] of [...NAMES, ...more].entries()) {
      await makeCustomer(stage, token, { name, email: `${'abc'[index % 3]}${index}.Mail+X@Example.com` });
    }
  });

  it.each([
    ['ann', ['anna', 'Banna']],
    ['ANN', ['anna', 'Banna']],
    ['nna', ['anna', 'Banna']],
    ['nothing like it', []],
  ])('of three and more characters matches anywhere, in any case: %s', async (q, names) => {
    expect(await found(q)).toEqual([...names].sort());
  });

  it.each([
    ['an', ['anna']],
    ['AN', ['anna']],
    ['nn', []],
    ['ба', []],
  ])('of two characters matches the beginning: %s', async (q, names) => {
    expect(await found(q)).toEqual(names);
  });

  it('of one character matches the beginning of name or e-mail address', async () => {
    const all = [...NAMES, ...more];
    const expected = all.filter((name, index) => 'abc'[index % 3] === 'b' || name.toLowerCase().startsWith('b'));
    expect((await found('b')).sort()).toEqual(expected.sort());
  });

  it.each([
    ['ägi', 'Ägidius Öl'],
    ['ÄGI', 'Ägidius Öl'],
    ['öl', undefined],
    ['S öl', 'Ägidius Öl'],
    ['жан', 'Жанна'],
    ['АНН', 'Жанна'],
    ['жа', 'Жанна'],
    ['Ж', 'Жанна'],
    ['MÜL', 'Müller'],
    ['本語の', '日本語の名前'],
    ['日本', '日本語の名前'],
    ['日', '日本語の名前'],
    ['🙂', '🙂 smile'],
    ['🙂 S', '🙂 smile'],
    ['RASS', undefined],
    ['RAßE', 'Straße'],
  ])('ignores case in every script: %s', async (q, name) => {
    expect(await found(q)).toEqual(name === undefined ? [] : [name]);
  });

  it.each([
    ['100%', '100% sure'],
    ['0% ', '100% sure'],
    ['der_', 'under_score'],
    ['k\\s', 'back\\slash'],
    ["o'b", "O'Brien"],
    ['e"d', 'quote"d'],
  ])('takes wildcards, quotes and backslashes for what they are: %s', async (q, name) => {
    expect(await found(q)).toEqual([name]);
  });

  it.each(['%', '_', '\\', '%%%', '___', '\\\\\\', "'", "';--", '{}', '$1', '\u2028'])(
    'finds nothing and harms nothing: %s',
    async (q) => {
      expect(await found(q)).toEqual([]);
    },
  );

  it('searches e-mail addresses, in any case', async () => {
    expect(await found('.MAIL+x@ex')).toHaveLength(16);
    expect(await found('a0.mail')).toEqual(['Ägidius Öl']);
  });

  it('is not there when it is empty', async () => {
    expect(await found('')).toHaveLength(16);
  });

  it('is refused with 400 where PostgreSQL could not keep it, or where it is given twice', async () => {
    for (const query of ['q=%00', 'q=abc%00def', 'q=a&q=b', 'q=abc&limit=1&q=']) {
      const answer = await stage.call('GET', `/api/customers?${query}`, { token });
      expect([query, answer.status, answer.json<{ errors: Named[] }>().errors]).toEqual([
        query,
        400,
        [expect.objectContaining({ field: 'q' })],
      ]);
    }
  });

  it('takes very long texts', async () => {
    expect(await found('x'.repeat(5_000))).toEqual([]);
  });
});

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
  const accounts = (filters: Record<string, string>) => find('/api/accounts', filters);

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
  const found = (filters: Record<string, string>) => find('/api/customers', filters, token);

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
