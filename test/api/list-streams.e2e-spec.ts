import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantManyCustomers } from '../builders/many-records.builder.js';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Customer, makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { openPausedReader } from '../support/paused-reader.js';

const ROWS = 20_000;

let stage: ApiStage;
let admin: Person;
/** Of an organization whose list is larger than what the kernel's buffers take (about 10 MB). */
let huge: Person;
beforeAll(async () => {
  stage = await openApiStage({ STREAM_POOL_MAX: '2' });
  admin = await registerAdmin(stage);
  huge = await registerAdmin(stage);
  await plantManyCustomers(stage, admin.organizationId, ROWS);
  await plantManyCustomers(stage, huge.organizationId, 60_000, 240);
});
afterAll(() => stage?.close());

const get = (path: string, headers = {}) => stage.call('GET', path, { token: admin.token, headers });
const read = () => openPausedReader(`${stage.api.url}/api/customers`, huge.token);

/** How many connections of the API the database keeps busy with whole lists. */
async function openStreams(): Promise<number> {
  const rows = await stage.sql(
    `SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tandem-stream' AND state <> 'idle'`,
  );
  return rows.length;
}

const untilNoStream = () => eventually(async () => expect(await openStreams()).toBe(0));

describe('a whole list of 20,000 rows', () => {
  it('is one well-formed array, newest first, without a length told in advance', async () => {
    const answer = await get('/api/customers');
    const customers = answer.json<Customer[]>();
    expect(customers).toHaveLength(ROWS);
    expect(new Set(customers.map(({ id }) => id)).size).toBe(ROWS);
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    expect((await get('/api/customers', { prefer: 'count=exact' })).headers['x-total-count']).toBe(String(ROWS));
  });

  it('is as long as CSV and as a line an object', async () => {
    const csv = await get('/api/customers', { accept: 'text/csv' });
    expect(csv.text.split('\n')).toHaveLength(ROWS + 2);
    const lines = await get('/api/customers?q=many1', { accept: 'application/x-ndjson' });
    const expected = (await get('/api/customers?q=many1')).json<Customer[]>();
    expect(lines.text.trimEnd().split('\n')).toHaveLength(expected.length);
  });
});

describe('a reader that stops in the middle', () => {
  it('frees its connection when it goes away', async () => {
    const reader = await read();
    expect(reader.status).toBe(200);
    expect(await openStreams()).toBe(1);
    reader.leave();
    await untilNoStream();
  });

  it('leaves the others their lists, however many of them came and went', async () => {
    for (let index = 0; index < 6; index += 1) {
      const readers = await Promise.all([read(), read()]);
      for (const reader of readers) reader.leave();
    }
    await untilNoStream();
    expect((await get('/api/customers')).json<Customer[]>()).toHaveLength(ROWS);
  });

  it('holds no row and no lock that a writer would wait for', async () => {
    const reader = await read();
    const { id } = await makeCustomer(stage, huge.token);
    expect((await stage.call('DELETE', `/api/customers/${id}`, { token: huge.token })).status).toBe(200);
    reader.leave();
    await untilNoStream();
  });

  it('goes on to a whole list when it reads again: the list of when it asked', async () => {
    const reader = await read();
    await makeCustomer(stage, huge.token, { name: 'Too late' });
    const text = await reader.readToEnd();
    expect(JSON.parse(text)).toHaveLength(60_000);
    expect(text).not.toContain('Too late');
    await stage.sql("DELETE FROM customers WHERE name = 'Too late'");
  });
});

it('a list that the database breaks off ends the connection without its closing bracket', async () => {
  const reader = await read();
  await stage.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'tandem-stream' AND state <> 'idle'`,
  );
  await expect(reader.readToEnd()).rejects.toThrow();
  expect(reader.text().endsWith(']')).toBe(false);
  expect((await get('/api/customers?limit=1')).status).toBe(200);
  await untilNoStream();
});

it('more lists at once than there are connections for: 503 with Retry-After, and pages go on', async () => {
  const readers = await Promise.all([read(), read()]);
  const refused = await get('/api/customers');
  expect([refused.status, refused.json().code]).toEqual([503, 'stream_slots_exhausted']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await get('/api/customers?limit=1')).status).toBe(200);
  for (const reader of readers) reader.leave();
  await eventually(async () => expect((await get('/api/customers?q=nobody')).status).toBe(200));
});

it('a filter that fails in the database is an error and not a broken list', async () => {
  await stage.sql('ALTER FUNCTION search_fold(text) RENAME TO search_fold_gone');
  try {
    const answer = await get('/api/customers?q=abc');
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({ error: 'Internal server error', code: 'internal_error' });
    expect(answer.text).not.toMatch(/search_fold|function/);
  } finally {
    await stage.sql('ALTER FUNCTION search_fold_gone(text) RENAME TO search_fold');
  }
  await untilNoStream();
});
