import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ImportClient } from './support/import-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

const ROWS = 20_000;
/** Every hundredth line is bad. */
const file = (count = ROWS): string =>
  `name,email\n${Array.from({ length: count }, (_, n) => `Person ${n},${n % 100 === 50 ? 'bad' : `person-${n}@example.com`}\n`).join('')}`;

let stack: JobStack;
let client: ImportClient;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  stack = await JobStack.start('postgres');
  client = await ImportClient.register(stack, 'owner');
});
afterEach(async () => {
  await worker?.process.stop();
  worker = undefined;
  await stack.sql.query('DELETE FROM customers; DELETE FROM jobs');
});
afterAll(() => stack?.stop());

const countOf = async (table: string): Promise<number> =>
  (await stack.sql.query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;

/** Resolves when a part of the import has landed. */
const untilSomeLanded = () =>
  eventually(async () => {
    if ((await countOf('customers')) === 0) throw new Error('Nothing has landed');
  }, 20_000);

describe('an import', () => {
  test('that is cancelled stops between two batches, and what has landed stays', async () => {
    const { body } = await client.send('entity=customers', file(200_000));
    worker = await stack.startWorker();
    await untilSomeLanded();

    await stack.sql.query(`UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1`, [body.id]);

    await worker.process.waitForOutput(/job was cancelled or taken over/, 10_000);
    const landed = await countOf('customers');
    expect(landed).toBeGreaterThan(0);
    expect(landed).toBeLessThan(198_000);
    await sleep(300);
    expect(await countOf('customers')).toBe(landed);
    expect((await client.user.job(body.id)).state).toBe('cancelled');
    expect(await client.rejected(body.id)).not.toHaveLength(1);
  });

  test('whose report is read while it runs tells the lines found so far', async () => {
    const { body } = await client.send('entity=customers', file(50_000));
    worker = await stack.startWorker();
    await untilSomeLanded();

    const early = await client.rejected(body.id);

    expect(early.length).toBeGreaterThan(1);
    await client.user.untilJob(body.id, 'completed', 30_000);
    const whole = await client.rejected(body.id);
    expect(whole.slice(0, early.length)).toEqual(early);
    expect(whole).toHaveLength(501);
  });

  test('that is sent twice with one idempotency key is one job, and another file with it is refused', async () => {
    const headers = { 'idempotency-key': 'monday' };
    const first = await client.send('entity=customers', file(300), headers);
    const second = await client.send('entity=customers', file(300), headers);
    const other = await client.send('entity=customers', file(301), headers);

    expect(second.status).toBe(202);
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await countOf('imports')).toBe(1);
    expect(await countOf('import_chunks')).toBe(1);
  });
});

describe('an upload that is aborted in the middle', () => {
  test.each(['text/csv', 'multipart/form-data; boundary=x'])('leaves nothing that counts (%s)', async (type) => {
    const { hostname, port } = new URL(stack.apiUrl);
    const headers = { authorization: client.user.authorization, 'content-type': type, 'transfer-encoding': 'chunked' };
    const outgoing = request({ hostname, port, method: 'POST', path: '/api/imports?entity=customers', headers });
    outgoing.on('error', () => undefined);
    if (type !== 'text/csv') outgoing.write('--x\r\ncontent-disposition: form-data; name=file; filename=a.csv\r\n\r\n');
    outgoing.write(file(30_000));
    await eventually(async () => expect(await countOf('import_chunks')).toBeGreaterThan(1));

    outgoing.destroy();

    await eventually(async () => expect(await countOf('imports')).toBe(0));
    expect([await countOf('import_chunks'), await countOf('jobs')]).toEqual([0, 0]);
  });
});
