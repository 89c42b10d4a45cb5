import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantTiedAccounts, plantTiedCustomers } from '../builders/many-records.builder.js';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { followPages, linksOf } from '../support/list-pages.js';

const LISTS = [
  {
    path: '/api/customers',
    table: 'customers',
    sorts: ['-created_at', 'created_at', 'name', '-name', 'email', '-email'],
  },
  { path: '/api/accounts', table: 'accounts', sorts: ['-created_at', 'created_at', 'name', '-name'] },
];
const COUNT = 57;

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  await plantTiedCustomers(stage, admin.organizationId, COUNT);
  await plantTiedAccounts(stage, admin.organizationId, COUNT);
});
afterAll(() => stage?.close());

interface Item {
  id: number;
}

const get = (path: string, headers = {}) => stage.call('GET', path, { token: admin.token, headers });
const ids = (items: Item[]) => items.map(({ id }) => id);

describe.each(LISTS)('$path', ({ path, table, sorts }) => {
  it.each(sorts)('sorted by %s: the whole list is its pages joined, forward and backward', async (sort) => {
    const column = sort.replace('-', '');
    const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
    const expected = await stage.sql<Item>(
      `SELECT id FROM ${table} WHERE organization_id = $1 ORDER BY ${column} ${direction}, id ${direction}`,
      [admin.organizationId],
    );
    const whole = await get(`${path}?sort=${sort}`);
    expect(ids(whole.json<Item[]>())).toEqual(ids(expected));
    expect(whole.headers.link).toBeUndefined();

    const options = { token: admin.token };
    const forward = await followPages(stage.call, `${path}?sort=${sort}&limit=10`, 'next', options);
    expect(forward.map((page) => page.json<Item[]>().length)).toEqual([10, 10, 10, 10, 10, 7]);
    expect(`[${forward.map(({ text }) => text.slice(1, -1)).join(',')}]`).toBe(whole.text);

    const backward = await followPages(stage.call, linksOf(forward.at(-1) as never).prev ?? '', 'prev', options);
    expect(backward.reverse().map(({ text }) => text)).toEqual(forward.slice(0, -1).map(({ text }) => text));
  });

  it('links the first, previous and next page, each only where there is one', async () => {
    const first = await get(`${path}?limit=200`);
    const last = await get(`${path}?limit=40`);
    expect(Object.keys(linksOf(first))).toEqual(['first']);
    expect(Object.keys(linksOf(last))).toEqual(['first', 'next']);
    const second = await get(linksOf(last).next ?? '');
    expect(Object.keys(linksOf(second))).toEqual(['first', 'prev']);
    expect(linksOf(second).first).toBe(`${path}?limit=40`);
  });

  it('keeps sort, filters and limit in the links', async () => {
    const links = linksOf(await get(`${path}?q=Tie&sort=name&limit=3&created_after=2026-01-01T00:00:00Z`));
    const next = new URL(links.next ?? '', 'http://x').searchParams;
    expect([next.get('q'), next.get('sort'), next.get('limit')]).toEqual(['Tie', 'name', '3']);
    expect((await get(links.next ?? '')).json<Item[]>()).toHaveLength(3);
  });

  it('counts with Prefer: count=exact, for pages, whole lists and filters, and says that it did', async () => {
    const prefer = { prefer: 'count=exact' };
    expect((await get(`${path}?limit=1`, prefer)).headers['x-total-count']).toBe(String(COUNT));
    const whole = await get(`${path}?q=tie`, { prefer: 'respond-async, count=exact' });
    expect(whole.headers['x-total-count']).toBe(String(whole.json<Item[]>().length));
    expect(whole.headers['preference-applied']).toBe('count=exact');
    expect((await get(`${path}?limit=1`)).headers['x-total-count']).toBeUndefined();
  });

  it.each(['0', '-1', '201', 'abc', '1.5', '1e1', '%20', '99999999999999999999'])(
    'refuses limit=%s with 400, naming it',
    async (limit) => {
      const answer = await get(`${path}?limit=${limit}`);
      expect([answer.status, answer.json<{ errors: { field: string }[] }>().errors[0]?.field]).toEqual([400, 'limit']);
    },
  );

  it('takes limits from 1 to 200', async () => {
    expect((await get(`${path}?limit=1`)).json<Item[]>()).toHaveLength(1);
    expect((await get(`${path}?limit=200`)).json<Item[]>()).toHaveLength(COUNT);
  });

  it('refuses a cursor with another sort, other filters or of another list', async () => {
    const cursor = new URL(linksOf(await get(`${path}?limit=5`)).next ?? '', 'http://x').searchParams.get('cursor');
    expect((await get(`${path}?cursor=${cursor}`)).status).toBe(200);
    const other = path === '/api/customers' ? '/api/accounts' : '/api/customers';
    const wrong = [`${path}?sort=name&cursor=`, `${path}?q=tie&cursor=`, `${path}?created_after=2026-01-01&cursor=`];
    for (const start of [...wrong, `${other}?cursor=`]) {
      const answer = await get(`${start}${cursor}`);
      expect([start, answer.status, answer.json().code]).toEqual([start, 400, 'invalid_cursor']);
    }
  });

  it.each(['x', 'null', 'W10', 'bnVsbA', '%00', '🙂', '-'.repeat(3000)])('refuses the cursor %s', async (cursor) => {
    const answer = await get(`${path}?cursor=${encodeURIComponent(cursor)}`);
    expect([answer.status, answer.json().error]).toEqual([400, expect.stringMatching(/cursor/i)]);
  });

  it('refuses a cursor whose parts were made up', async () => {
    const real = new URL(linksOf(await get(`${path}?limit=5`)).next ?? '', 'http://x').searchParams.get('cursor') ?? '';
    const parts = JSON.parse(Buffer.from(real, 'base64url').toString()) as unknown[];
    for (const [at, value] of [
      [3, 'no time'],
      [3, '99999-99-99'],
      [3, 'a\0b'],
      [3, '\ud800'],
      [3, null],
      [4, '1'],
      [4, 1.5],
      [4, 2 ** 60],
      [4, null],
      [0, 2],
    ] as const) {
      const made = Buffer.from(JSON.stringify(parts.with(at, value))).toString('base64url');
      const answer = await get(`${path}?cursor=${made}`);
      expect([value, answer.status, answer.json().code]).toEqual([value, 400, 'invalid_cursor']);
    }
  });

  it('refuses an unknown sort with 400', async () => {
    for (const sort of ['id', 'organization_id', '--name', 'name;drop', 'constructor', '-']) {
      expect([sort, (await get(`${path}?sort=${sort}`)).status]).toEqual([sort, 400]);
      expect([sort, (await get(`${path}?limit=1&sort=${sort}`)).status]).toEqual([sort, 400]);
    }
  });
});

it('goes on where it was when rows were added and deleted meanwhile', async () => {
  const own = await registerAdmin(stage);
  await plantTiedCustomers(stage, own.organizationId, 30);
  const options = { token: own.token };
  const before = (await stage.call('GET', '/api/customers?sort=created_at', options)).json<Item[]>();
  const first = await stage.call('GET', '/api/customers?sort=created_at&limit=10', options);
  await stage.sql('DELETE FROM customers WHERE id = ANY ($1)', [ids(before.slice(5, 12))]);
  await plantManyAfter(own.organizationId);
  const rest = await followPages(stage.call, linksOf(first).next ?? '', 'next', options);
  const seen = rest.flatMap((page) => ids(page.json<Item[]>()));
  expect(seen.slice(0, 18)).toEqual(ids(before.slice(12)));
  expect(seen).toHaveLength(20);
});

it('pages through adopted rows without a name, too, and loses none', async () => {
  const own = await registerAdmin(stage);
  await plantTiedCustomers(stage, own.organizationId, 20);
  await stage.sql('ALTER TABLE customers ALTER COLUMN name DROP NOT NULL');
  await stage.sql('UPDATE customers SET name = NULL WHERE organization_id = $1 AND id % 3 = 0', [own.organizationId]);
  const options = { token: own.token };
  for (const sort of ['name', '-name']) {
    const whole = await stage.call('GET', `/api/customers?sort=${sort}`, options);
    const pages = await followPages(stage.call, `/api/customers?sort=${sort}&limit=3`, 'next', options);
    expect(pages.flatMap((page) => page.json<Item[]>())).toEqual(whole.json<Item[]>());
    const back = await followPages(stage.call, linksOf(pages.at(-1) as never).prev ?? '', 'prev', options);
    expect(back.reverse().map(({ text }) => text)).toEqual(pages.slice(0, -1).map(({ text }) => text));
  }
});

async function plantManyAfter(organizationId: number): Promise<void> {
  await stage.sql(
    `INSERT INTO customers (organization_id, name, email, created_at)
     VALUES ($1, 'Late', 'late1@example.com', '2027-01-01'), ($1, 'Late', 'late2@example.com', '2027-01-01')`,
    [organizationId],
  );
}
