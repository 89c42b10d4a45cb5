import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImportClient } from './support/import-client.js';
import { JobStack } from './support/job-stack.js';

let stack: JobStack;
let client: ImportClient;
let stranger: ImportClient;
const idsOf = async (owner: ImportClient): Promise<number[]> =>
  (await owner.rows<{ id: number }>('customers', 'id')).map(({ id }) => id);

beforeAll(async () => {
  stack = await JobStack.start('postgres');
  await stack.startWorker();
  client = await ImportClient.register(stack, 'owner');
  stranger = await ImportClient.register(stack, 'stranger');
  const people = 'name,email\nAnn,ann@example.com\nBob,bob@example.com\n';
  await client.import('entity=customers', people);
  await stranger.import('entity=customers', people);
  await stranger.import('entity=accounts', 'customer_email,name,status\nann@example.com,Theirs,active\n');
});
afterAll(() => stack?.stop());

describe('accounts', () => {
  test('are imported below the customers whose ids the file names, never below those of others', async () => {
    const [ann, bob] = await idsOf(client);
    const [foreign] = await idsOf(stranger);

    const file = `customer_id,name,status\n${ann},A,active\n${foreign},B,active\n ${bob} ,C,pending\n0,D,active\n,E,active\n9999999999,F,active\n${ann},G,odd\nx,H,active\n`;
    const job = await client.import('entity=accounts', file);

    expect(job).toMatchObject({ type: 'import-accounts', result: { rows: 8, inserted: 2, updated: 0, rejected: 6 } });
    expect(await client.rows('accounts', 'customer_id, name, status')).toEqual([
      { customer_id: ann, name: 'A', status: 'active' },
      { customer_id: bob, name: 'C', status: 'pending' },
    ]);
    expect((await client.rejected(job.id)).slice(1).map((row) => row.slice(0, 3))).toEqual([
      ['3', 'customer_id', 'unknown'],
      ['5', 'customer_id', 'unknown'],
      ['6', 'customer_id', 'length'],
      ['7', 'customer_id', 'unknown'],
      ['8', 'status', 'in'],
      ['9', 'customer_id', 'int'],
    ]);
  });

  test('are imported below the customers whose e-mail addresses the file names, in the same organization', async () => {
    const file = 'status,customer_email,name\nactive,bob@example.com,By e-mail\nactive,nobody@example.com,Nobody\n';
    const job = await client.import('entity=accounts', file);

    expect(job.result).toEqual({ rows: 2, inserted: 1, updated: 0, rejected: 1 });
    const [, bob] = await idsOf(client);
    expect((await client.rows('accounts', 'customer_id, name')).at(-1)).toEqual({
      customer_id: bob,
      name: 'By e-mail',
    });
    expect((await client.rejected(job.id))[1]?.slice(0, 4)).toEqual([
      '3',
      'customer_email',
      'unknown',
      'customer_email names no customer',
    ]);
  });

  test('are changed by id in upserts, and inserted without one; ids of others match nothing', async () => {
    const organizationId = await stack.organizationOf(client.user);
    const [ann, bob] = await idsOf(client);
    const planted = await stack.sql.query(
      `INSERT INTO accounts (organization_id, customer_id, name, status)
       VALUES ($1, $2, 'One', 'active'), ($1, $2, 'Two', 'odd'), ($1, $2, 'Three', 'active') RETURNING id`,
      [organizationId, ann],
    );
    const [one, two, three] = planted.rows.map(({ id }) => id);
    const [theirs] = await stranger.rows<{ id: number }>('accounts', 'id, name, status');
    const file = [
      'id,customer_id,name,status',
      `${one},${ann},One!,inactive`,
      `${two},,Two!,odd`,
      `${three},,Three!,odd`,
      `${three},${bob},Moved,active`,
      `${theirs?.id},${ann},Mine now,active`,
      `,${bob},New,active`,
      `${one},,One again,active`,
    ].join('\n');

    const dry = await client.import('entity=accounts&mode=upsert&dry_run=1', file);
    const job = await client.import('entity=accounts&mode=upsert', file);

    expect(job.result).toEqual({ rows: 7, inserted: 1, updated: 3, rejected: 3 });
    expect(dry.result).toEqual(job.result);
    expect((await client.rejected(job.id)).slice(1).map((row) => row.slice(0, 3))).toEqual([
      ['4', 'status', 'in'],
      ['5', 'customer_id', 'mismatch'],
      ['6', 'id', 'not_found'],
    ]);
    const found = await client.rows<{ name: string; status: string }>('accounts', 'name, status');
    expect(found.slice(-4)).toEqual([
      { name: 'One again', status: 'active' },
      { name: 'Two!', status: 'odd' },
      { name: 'Three', status: 'active' },
      { name: 'New', status: 'active' },
    ]);
    expect(await stranger.rows('accounts', 'id, name, status')).toEqual([theirs]);
  });
});

describe('customers in upserts', () => {
  test('are changed by id where the file has one, and addresses change hands as line follows line', async () => {
    const swapper = await ImportClient.register(stack, 'swapper');
    await swapper.import('entity=customers', 'name,email\nA,a@example.com\nB,b@example.com\nC,c@example.com\n');
    const [a, b, c] = await idsOf(swapper);
    const [foreign] = await idsOf(stranger);
    const file = [
      'id,name,email',
      `${a},A,free@example.com`,
      `${b},B,a@example.com`,
      `${c},C,free@example.com`,
      `${foreign},Mine,mine@example.com`,
      `,B by address,a@example.com`,
      `,D,d@example.com`,
      `${c},C,d@example.com`,
    ].join('\n');

    const dry = await swapper.import('entity=customers&mode=upsert&dry_run=true', file);
    const job = await swapper.import('entity=customers&mode=upsert', file);

    expect(job.result).toEqual({ rows: 7, inserted: 1, updated: 3, rejected: 3 });
    expect(dry.result).toEqual(job.result);
    expect(await swapper.rejected(dry.id)).toEqual(await swapper.rejected(job.id));
    expect((await swapper.rejected(job.id)).slice(1).map((row) => row.slice(0, 3))).toEqual([
      ['4', 'email', 'taken'],
      ['5', 'id', 'not_found'],
      ['8', 'email', 'taken'],
    ]);
    expect(await swapper.rows('customers', 'name, email')).toEqual([
      { name: 'A', email: 'free@example.com' },
      { name: 'B by address', email: 'a@example.com' },
      { name: 'C', email: 'c@example.com' },
      { name: 'D', email: 'd@example.com' },
    ]);
  });
});

describe('who may what', () => {
  test('members import, viewers read, and other organizations find nothing', async () => {
    const job = await client.import('entity=customers', 'name,email\nX,x@example.com\nX,bad\n');
    const setRole = async (role: string) => {
      await stack.sql.query('UPDATE users SET role = $2 WHERE username = $1', [client.user.username, role]);
      await client.user.signIn();
    };
    await setRole('member');
    expect((await client.send('entity=customers', 'name,email\n')).status).toBe(202);
    await setRole('viewer');
    expect((await client.send('entity=customers', 'name,email\n')).status).toBe(403);
    expect((await client.user.call('GET', `/api/imports/${job.id}`)).status).toBe(200);
    expect(await client.rejected(job.id)).toHaveLength(2);
    await setRole('admin');

    expect((await stranger.user.call('GET', `/api/imports/${job.id}`)).body).toMatchObject({
      code: 'import_not_found',
    });
    expect((await stranger.report(job.id)).status).toBe(404);
    const other = await client.user.requestAggregate('2026-01-01');
    expect((await client.user.call('GET', `/api/imports/${other.id}`)).status).toBe(404);
    expect((await client.report(other.id)).status).toBe(404);
    expect((await client.report('x')).status).toBe(404);
  });
});
