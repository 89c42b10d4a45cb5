import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import type { Answer } from '../support/http-call.js';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage({ IMPORT_MAX_MIB: '1', IMPORT_STALL_MS: '300', IMPORT_MAX_UPLOADS: '2' });
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const send = (body: string | Buffer, query = 'entity=customers', type = 'text/csv', headers = {}): Promise<Answer> =>
  stage.call('POST', `/api/imports?${query}`, {
    token: admin.token,
    body,
    headers: { 'content-type': type, ...headers },
  });

/** An upload that goes on until its sender ends it. */
function open(token = admin.token) {
  const { hostname, port } = new URL(stage.api.url);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv', 'transfer-encoding': 'chunked' };
  const outgoing = request({ hostname, port, method: 'POST', path: '/api/imports?entity=customers', headers });
  const answer = new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', async (response) => {
      const chunks = await response.toArray();
      resolve([response.statusCode, JSON.parse(Buffer.concat(chunks).toString()).code]);
    });
  });
  answer.catch(() => undefined);
  return { outgoing, answer };
}

const stored = async () =>
  (
    await stage.sql(`SELECT (SELECT count(*) FROM imports) AS imports, (SELECT count(*) FROM import_chunks) AS chunks,
      (SELECT count(*) FROM jobs) AS jobs`)
  )[0];

async function expectRefusal(work: () => Promise<Answer>, status: number, expected: object): Promise<void> {
  const before = await stored();
  const answer = await work();
  expect([answer.status, answer.json()]).toEqual([status, expect.objectContaining(expected)]);
  expect(await stored()).toEqual(before);
}

describe('what the first line tells is refused at once', () => {
  it.each([
    ['an empty file', '', [['file', 'empty']]],
    ['a file without a column', 'name\nA\n', [['email', 'missing']]],
    [
      'unknown columns only',
      'a,b\n1,2\n',
      [
        ['name', 'missing'],
        ['email', 'missing'],
      ],
    ],
    [
      'duplicate columns',
      'name,email,Name,email\n',
      [
        ['name', 'duplicate'],
        ['email', 'duplicate'],
      ],
    ],
    ['a broken quote', '"name,email\nA,a@b\n', [['file', 'quote_unclosed']]],
    ['UTF-16', Buffer.from('\ufeffname,email\nA,a@b\n', 'utf16le'), [['file', 'nul_character']]],
    [
      'other delimiters',
      'name;email\nA;a@b\n',
      [
        ['name', 'missing'],
        ['email', 'missing'],
      ],
    ],
    ['an endless first line', 'x'.repeat(500_000), [['file', 'line_too_long']]],
    ['line breaks alone', '\n'.repeat(500_000), [['file', 'line_too_long']]],
    ['thousands of columns', `name,email${','.repeat(60_000)}\n`, [['file', 'too_many_columns']]],
  ])('%s', async (_what, body, faults) => {
    const answer = await send(body);
    expect([answer.status, answer.json().code]).toEqual([400, 'validation_failed']);
    const errors = answer.json<{ errors: { field: string; code: string }[] }>().errors;
    expect(errors.map(({ field, code }) => [field, code])).toEqual(faults);
  });

  it.each([
    ['', 'entity'],
    ['entity=users', 'entity'],
    ['entity=customers&entity=accounts', 'entity'],
    ['entity=customers&mode=replace', 'mode'],
    ['entity=customers&atomic=perhaps', 'atomic'],
    ['entity=customers&dry_run=2', 'dry_run'],
  ])('and so is the query "%s"', (query, field) =>
    expectRefusal(() => send('name,email\n', query), 400, {
      code: 'validation_failed',
      errors: [expect.objectContaining({ field })],
    }),
  );
});

describe('a body', () => {
  const parts = (name: string, end = '\r\n--x--\r\n') =>
    `--x\r\ncontent-disposition: form-data; name="note"\r\n\r\nhello\r\n--x\r\ncontent-disposition: form-data; name="${name}"; filename="a.csv"\r\ncontent-type: text/csv\r\n\r\nname,email\r\nA,a@example.com\r\n${end}`;
  const form = 'multipart/form-data; boundary=x';

  it('of the usual type, with a charset, or in chunks, is taken', async () => {
    const types = ['text/csv', 'Text/CSV; charset=UTF-8', 'text/csv; header=present'];
    for (const type of types) expect((await send('name,email\n', undefined, type)).status).toBe(202);
    expect((await send('name,email\n', undefined, 'text/csv', { 'transfer-encoding': 'chunked' })).status).toBe(202);
    expect((await send(parts('file'), undefined, form)).status).toBe(202);
    const flags = 'entity=customers&atomic=&dry_run=';
    expect((await send('name,email\n', flags)).status).toBe(202);
  });

  it.each([
    [
      'without the part',
      parts('other'),
      form,
      400,
      { code: 'validation_failed', errors: [expect.objectContaining({ field: 'file' })] },
    ],
    ['that is cut off in its part', parts('file', ''), form, 400, { code: 'malformed_body' }],
    ['without its boundary', 'nothing', form, 400, { code: 'malformed_body' }],
    ['without a boundary in its type', parts('file'), 'multipart/form-data', 400, { code: 'malformed_body' }],
    ['that is JSON', '{}', 'application/json', 415, { error: expect.stringContaining('text/csv') }],
    ['of another type', 'name,email\n', 'text/plain', 415, { error: expect.stringContaining('text/csv') }],
    ['of no type', 'name,email\n', '', 415, { code: 'unsupported_media_type' }],
  ])('%s is refused', (_what, body, type, status, expected) =>
    expectRefusal(() => send(body, undefined, type), status, expected),
  );

  it('that is compressed is refused', () =>
    expectRefusal(() => send('x', undefined, 'text/csv', { 'content-encoding': 'gzip' }), 415, {
      code: 'unsupported_media_type',
    }));

  it.each([false, true])('that is too large is refused, and nothing is kept (announced: %s)', async (isAnnounced) => {
    const file = `name,email\n${'Somebody,somebody@example.com\n'.repeat(60_000)}`;
    const headers = isAnnounced ? {} : { 'transfer-encoding': 'chunked' };
    await expectRefusal(() => send(file, undefined, 'text/csv', headers), 413, {
      error: 'The file is larger than 1 MiB',
    });
  });

  it('that stalls is refused, and nothing is kept', async () => {
    const before = await stored();
    const stalled = open();
    stalled.outgoing.write(`name,email\n${'Somebody,somebody@example.com\n'.repeat(20_000)}`);
    expect(await stalled.answer).toEqual([408, 'request_timeout']);
    stalled.outgoing.destroy();
    expect(await stored()).toEqual(before);
  });

  it('is one of a few at a time, of which one organization has half', async () => {
    const stranger = await registerAdmin(stage);
    const own = open();
    own.outgoing.write('name,email\n');
    const trickling = setInterval(() => own.outgoing.write('\n'), 50);
    await eventually(async () => expect(await stage.sql('SELECT FROM imports WHERE job_id IS NULL')).toHaveLength(1));

    const refused = await send('name,email\n');
    const others = await stage.call('POST', '/api/imports?entity=customers', {
      token: stranger.token,
      body: 'name,email\n',
      headers: { 'content-type': 'text/csv' },
    });

    clearInterval(trickling);
    own.outgoing.destroy();
    expect(refused.status).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'import_slots_exhausted' });
    expect(refused.headers['retry-after']).toBe('5');
    expect(others.status).toBe(202);
  });

  it('that nobody may send is answered before its end, however long it would be', async () => {
    const { outgoing, answer } = open('no token');
    outgoing.write('x'.repeat(200_000));
    expect(await answer).toEqual([401, 'invalid_token']);
    outgoing.destroy();
  });
});

it('after all of this nothing failed, and an upload does not keep the server from stopping', async () => {
  const { outgoing, answer } = open();
  outgoing.write(`name,email\n${'Somebody,somebody@example.com\n'.repeat(20_000)}`);
  const filling = setInterval(() => outgoing.write('Somebody,somebody@example.com\n'), 50);
  await eventually(async () => expect(await stored()).toMatchObject({ chunks: expect.not.stringMatching(/^[01]$/) }));

  await stage.api.stop();

  clearInterval(filling);
  expect(await answer).toEqual([503, 'not_ready']);
  expect(stage.api.logLines().filter(({ level }) => Number(level) >= 50)).toEqual([]);
  outgoing.destroy();
  expect(await stage.sql('SELECT FROM imports WHERE job_id IS NULL')).toEqual([]);
});
