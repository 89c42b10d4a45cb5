import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImportClient } from './support/import-client.js';
import { JobStack } from './support/job-stack.js';

let stack: JobStack;
let count = 0;
/** Somebody with an organization of their own, which is empty. */
const newcomer = () => {
  count += 1;
  return ImportClient.register(stack, `importer-${count}`);
};

beforeAll(async () => {
  stack = await JobStack.start('postgres');
  await stack.startWorker();
});
afterAll(() => stack?.stop());

const GOOD =
  'Name, EMAIL ,note\nAnn,ann@example.com,x\n"Bob ""B"" Jr.,\nSenior",bob@example.com,\nZoë 🙂,zoe@example.com,y\n';
const GOOD_ROWS = [
  { name: 'Ann', email: 'ann@example.com' },
  { name: 'Bob "B" Jr.,\nSenior', email: 'bob@example.com' },
  { name: 'Zoë 🙂', email: 'zoe@example.com' },
];

describe('a good file', () => {
  test.each([
    ['as it is', GOOD],
    ['with a byte order mark', `\ufeff${GOOD}`],
    ['with no line end at the end', GOOD.trimEnd()],
    ['as a part of a form', form(GOOD)],
  ])('is accepted with its address and lands, %s', async (_what, body) => {
    const client = await newcomer();

    const accepted = await client.send('entity=customers', body);

    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/api/imports/${accepted.body.id}`);
    expect(accepted.body).toMatchObject({ type: 'import-customers', queue: 'default', result: null });
    const job = await client.user.untilJob(accepted.body.id, 'completed');
    expect(Object.entries(job.result ?? {})).toEqual([
      ['rows', 3],
      ['inserted', 3],
      ['updated', 0],
      ['rejected', 0],
    ]);
    expect((await client.user.call('GET', `/api/imports/${job.id}`)).body).toEqual(job);
    expect(await client.rows('customers', 'name, email')).toEqual(GOOD_ROWS);
    expect(await (await client.report(job.id)).text()).toMatch(/^line,field,code,message,Name,.* EMAIL .*,note\n$/);
    const { rows } = await stack.sql.query('SELECT count(*)::int AS left FROM import_chunks');
    expect(rows[0].left).toBe(0);
  });

  test('with CR LF lands the same', async () => {
    const client = await newcomer();
    await client.import('entity=customers', 'name,email\r\nAnn,ann@example.com\r\n\r\nBob,bob@example.com\r\n');
    expect(await client.rows('customers', 'name, email')).toEqual([
      { name: 'Ann', email: 'ann@example.com' },
      { name: 'Bob', email: 'bob@example.com' },
    ]);
  });

  test('may be imported again: what is there is rejected, or with upsert not touched', async () => {
    const client = await newcomer();
    await client.import('entity=customers', GOOD);
    const before = await client.rows('customers', 'id, name, email, updated_at::text');

    const again = await client.import('entity=customers', GOOD);
    const upsert = await client.import('entity=customers&mode=upsert', GOOD);

    expect(again.result).toEqual({ rows: 3, inserted: 0, updated: 0, rejected: 3 });
    expect((await client.rejected(again.id))[2]).toEqual([
      '3',
      'email',
      'taken',
      'Email already exists',
      'Bob "B" Jr.,\nSenior',
      'bob@example.com',
      '',
    ]);
    expect(upsert.result).toEqual({ rows: 3, inserted: 0, updated: 3, rejected: 0 });
    expect(await client.rows('customers', 'id, name, email, updated_at::text')).toEqual(before);
  });
});

describe('of a file with bad lines', () => {
  test('every other line lands, and the report tells each bad one with its number and reason', async () => {
    const client = await newcomer();
    const lines: (string | Buffer)[] = [
      'email,name',
      'first@example.com,First',
      'no-address,Second',
      'third@example.com,',
      'fourth@example.com,"Fourth',
      'fifth@example.com,Fi"fth',
      'sixth@example.com,Sixth,6',
      'seventh@example.com',
      'ni\0ne@example.com,Nine',
      Buffer.from('latin@example.com,M\xfcller', 'latin1'),
      `huge@example.com,${'x'.repeat(10_000_000)}`,
      'first@example.com,=First again',
      `long@example.com,${'x'.repeat(256)}`,
      '',
      'last@example.com,Last',
    ];
    const file = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));

    const job = await client.import('entity=customers', file);

    expect(job.result).toEqual({ rows: 13, inserted: 2, updated: 0, rejected: 11 });
    expect((await client.rows('customers', 'email')).map((row) => Object.values(row)[0])).toEqual([
      'first@example.com',
      'last@example.com',
    ]);
    const [header, ...rejected] = await client.rejected(job.id);
    expect(header).toEqual(['line', 'field', 'code', 'message', 'email', 'name']);
    expect(rejected.map(([line, field, code]) => [line, field, code])).toEqual([
      ['3', 'email', 'email'],
      ['4', 'name', 'length'],
      ['5', '', 'quote_misplaced'],
      ['6', '', 'quote_misplaced'],
      ['7', '', 'column_count'],
      ['8', '', 'column_count'],
      ['9', '', 'nul_character'],
      ['10', '', 'invalid_utf8'],
      ['11', '', 'line_too_long'],
      ['12', 'email', 'taken'],
      ['13', 'name', 'length'],
    ]);
    expect(rejected[9]?.slice(4)).toEqual(['first@example.com', `'=First again`]);
    expect(rejected.every((row) => row.length === 6 && row.every((cell) => cell.length < 1_100))).toBe(true);
  });

  test('a quote that is never closed costs its own line only', async () => {
    const client = await newcomer();
    const rows = Array.from({ length: 5_000 }, (_, n) => `Person ${n},person-${n}@example.com\n`);
    const file = `name,email\n${rows.slice(0, 10).join('')}"Open,open@example.com\n${rows.slice(10).join('')}`;

    const job = await client.import('entity=customers', file);

    expect(job.result).toEqual({ rows: 5_001, inserted: 5_000, updated: 0, rejected: 1 });
    expect((await client.rejected(job.id))[1]?.slice(0, 3)).toEqual(['12', '', 'quote_unclosed']);
  });

  test('none lands when it is atomic, and the report is the same', async () => {
    const client = await newcomer();
    const rows = Array.from({ length: 3_000 }, (_, n) => `Person ${n},person-${n}@example.com\n`);
    const file = `name,email\n${rows.join('')}Twice,person-7@example.com\n`;

    const job = await client.import('entity=customers&atomic=true', file);

    expect(job.result).toEqual({ rows: 3_001, inserted: 0, updated: 0, rejected: 1 });
    expect(await client.rows('customers', 'id')).toEqual([]);
    expect((await client.rejected(job.id))[1]?.slice(0, 3)).toEqual(['3002', 'email', 'taken']);
    const good = await client.import('entity=customers&atomic=true', `name,email\n${rows.join('')}`);
    expect(good.result).toEqual({ rows: 3_000, inserted: 3_000, updated: 0, rejected: 0 });
    expect(await client.rows('customers', 'id')).toHaveLength(3_000);
  });
});

describe('a dry run', () => {
  test.each(['insert', 'upsert'])('tells what would happen and changes nothing (%s)', async (mode) => {
    const client = await newcomer();
    await client.import('entity=customers', GOOD);
    const before = await client.rows('customers', '*');
    const fresh = Array.from({ length: 4_500 }, (_, n) => `Person ${n},person-${n % 4_400}@example.com\n`).join('');
    const file = `name,email\n${fresh}Annie,ann@example.com\nbad,bad\n`;

    const dry = await client.import(`entity=customers&mode=${mode}&dry_run=true`, file);

    expect(await client.rows('customers', '*')).toEqual(before);
    const { rows } = await stack.sql.query('SELECT count(*)::int AS left FROM import_trials');
    expect(rows[0].left).toBe(0);
    const real = await client.import(`entity=customers&mode=${mode}`, file);
    expect(dry.result).toEqual(real.result);
    expect(dry.result).toEqual(
      mode === 'insert'
        ? { rows: 4_502, inserted: 4_400, updated: 0, rejected: 102 }
        : { rows: 4_502, inserted: 4_400, updated: 101, rejected: 1 },
    );
    expect(await client.rejected(dry.id)).toEqual(await client.rejected(real.id));
  });
});

function form(file: string): FormData {
  const data = new FormData();
  data.set('comment', 'x'.repeat(100));
  data.set('file', new Blob([file], { type: 'text/csv' }), 'people.csv');
  return data;
}
