import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { parseCsv } from '../support/csv.js';
import { followPages } from '../support/list-pages.js';

const ODD_NAMES = [
  'plain',
  'quo"te',
  "apos'trophe",
  'back\\slash',
  '\\',
  '\\\\',
  '\\n is no newline',
  'new\nline',
  'carriage\rreturn',
  'both\r\nof them',
  'tab\there',
  '\b\f\v\u0001\u001f\u007f',
  'emoji 🙂👩‍👩‍👧',
  '</script><b>',
  'comma, and; semicolon',
  '{"json":[1,2]}',
  '"',
  '""',
  ',',
  '],[',
  '\u2028\u2029',
  'é vs e\u0301',
  'عربى',
  '\\.',
  'ends with \\',
  'NULL',
  'null',
  '$$',
  '%s',
  "'; DROP TABLE customers; --",
];
const FORMULAS = ['=1+1', '+49 30', '-5', '@cmd', '\t=tab', '\r=return', '="x","y"\n'];

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  const customer = await makeCustomer(stage, admin.token, { name: 'Owner', email: '+formula@example.com' });
  for (const name of [...ODD_NAMES, ...FORMULAS]) {
    await makeCustomer(stage, admin.token, { name });
    await makeAccount(stage, admin.token, customer.id, { name });
  }
});
afterAll(() => stage?.close());

const get = (path: string, accept?: string, token = admin.token) =>
  stage.call('GET', path, { token, headers: accept === undefined ? {} : { accept } });

interface Row {
  id: number;
  name: string;
}

describe.each(['/api/customers', '/api/accounts'])('%s', (path) => {
  it('round-trips every character in JSON, whole and by pages', async () => {
    const whole = (await get(path)).json<Row[]>();
    const names = whole.map(({ name }) => name).filter((name) => name !== 'Owner');
    expect(names.reverse()).toEqual([...ODD_NAMES, ...FORMULAS]);
    const pages = await followPages(stage.call, `${path}?limit=7`, 'next', { token: admin.token });
    expect(pages.flatMap((page) => page.json<Row[]>())).toEqual(whole);
  });

  it('answers the same rows as a JSON object a line', async () => {
    const whole = (await get(path)).json<Row[]>();
    for (const query of ['', '?limit=200']) {
      const answer = await get(`${path}${query}`, 'application/x-ndjson');
      expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
      expect(answer.text.endsWith('\n')).toBe(true);
      const lines = answer.text.slice(0, -1).split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(whole);
    }
  });

  it('answers the same rows as CSV with a header, formulas neutralised, pages like whole lists', async () => {
    const whole = (await get(path)).json<Record<string, string | number>[]>();
    const csv = await get(path, 'text/csv');
    expect([csv.status, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    const [header, ...rows] = parseCsv(csv.text);
    expect(header).toEqual(Object.keys(whole[0] ?? {}));
    const neutral = (value: unknown) => (/^[=+@\t\r-]/.test(String(value)) ? `'${value}` : String(value));
    expect(rows).toEqual(whole.map((row) => Object.values(row).map(neutral)));
    expect((await get(`${path}?limit=200`, 'text/csv')).text).toBe(csv.text);
  });

  it('keeps the header of an empty CSV, whole or page, and the emptiness of the others', async () => {
    const { token } = await registerAdmin(stage);
    const header = `${Object.keys((await get(path)).json<Row[]>()[0] ?? {}).join(',')}\n`;
    for (const query of ['', '?limit=10']) {
      expect((await get(`${path}${query}`, 'text/csv', token)).text).toBe(header);
      expect((await get(`${path}${query}`, 'application/x-ndjson', token)).text).toBe('');
      expect((await get(`${path}${query}`, undefined, token)).text).toBe('[]');
    }
  });

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON; charset=utf-8', 'application/json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['text/csv;q=0.5, application/x-ndjson;q=0.9', 'application/x-ndjson'],
    ['image/png, text/csv;q=0.1', 'text/csv'],
    ['text/*', 'text/csv'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    const answer = await get(`${path}?limit=1`, accept);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, `${type}; charset=utf-8`]);
    expect(answer.headers.vary).toMatch(/accept/i);
  });

  it.each([
    'text/html',
    'application/xml',
    'application/json;q=0',
    'nonsense',
    'constructor',
    '__proto__',
    'text/csv;q=0, image/*',
  ])('refuses Accept: %s with 406', async (accept) => {
    for (const query of ['', '?limit=1']) {
      const answer = await get(`${path}${query}`, accept);
      expect([answer.status, answer.json().code]).toEqual([406, 'not_acceptable']);
    }
  });
});

it('answers HEAD like GET without a body', async () => {
  const answer = await stage.call('HEAD', '/api/customers', { token: admin.token });
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
});

it('answers adopted rows without name, e-mail address or status in all three formats', async () => {
  const own = await registerAdmin(stage);
  const { id } = await makeCustomer(stage, own.token);
  await stage.sql('ALTER TABLE customers ALTER COLUMN name DROP NOT NULL, ALTER COLUMN email DROP NOT NULL');
  await stage.sql('UPDATE customers SET name = NULL, email = NULL WHERE id = $1', [id]);
  const json = await get('/api/customers', undefined, own.token);
  expect(json.json<Row[]>()).toEqual([expect.objectContaining({ id, name: null, email: null })]);
  expect((await get(`/api/customers/${id}`, undefined, own.token)).text).toBe(json.text.slice(1, -1));
  expect((await get('/api/customers', 'application/x-ndjson', own.token)).json()).toMatchObject({ name: null });
  const csv = await get('/api/customers', 'text/csv', own.token);
  expect(parseCsv(csv.text)[1]?.slice(0, 3)).toEqual([String(id), '', '']);
  expect((await get('/api/customers?limit=1', 'text/csv', own.token)).text).toBe(csv.text);
});

it('answers adopted rows with times that no calendar has: the list stays whole', async () => {
  const own = await registerAdmin(stage);
  for (const time of ['infinity', '-infinity', '2026-01-01']) {
    const { id } = await makeCustomer(stage, own.token, { name: time });
    await stage.sql('UPDATE customers SET created_at = $2 WHERE id = $1', [id, time]);
  }
  const list = await get('/api/customers', undefined, own.token);
  expect(list.json<(Row & { created_at: string })[]>().map(({ name, created_at }) => [name, created_at])).toEqual([
    ['infinity', '9999-12-31T23:59:59.999999Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000000Z'],
    ['-infinity', '0001-01-01T00:00:00.000000Z'],
  ]);
  const pages = await followPages(stage.call, '/api/customers?limit=1', 'next', { token: own.token });
  expect(`[${pages.map(({ text }) => text.slice(1, -1)).join(',')}]`).toBe(list.text);
  const csv = await get('/api/customers', 'text/csv', own.token);
  expect(parseCsv(csv.text)[1]).toContain('9999-12-31T23:59:59.999999Z');
});
