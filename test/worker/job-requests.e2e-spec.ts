import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { JobAnswer, JobClient } from './support/job-client.js';
import { JobStack } from './support/job-stack.js';

const BULK = { type: 'bulk-update-accounts', status: 'suspended' };

interface Page {
  jobs: JobAnswer[];
  next_cursor: string | null;
}

describe('asking for jobs and about them', () => {
  let stack: JobStack;
  let client: JobClient;

  beforeAll(async () => {
    stack = await JobStack.start('postgres');
    client = await stack.register('requester');
  });
  afterAll(() => stack?.stop());

  test.each([
    ['a type that does not exist', { type: 'mine-bitcoin' }, 'type'],
    ['no type', {}, 'type'],
    ['a type that is no text', { type: 5 }, 'type'],
    ['a day that does not exist', { type: 'aggregate', date: '2026-02-30' }, 'date'],
    ['a day in another form', { type: 'aggregate', date: '21.11.2026' }, 'date'],
    ['a day in the future', { type: 'aggregate', date: '2999-01-01' }, 'date'],
    ['a day that is no text', { type: 'aggregate', date: 20261121 }, 'date'],
    ['a bulk update without a status', { ...BULK, status: undefined, account_ids: [1] }, 'status'],
    ['a status that is none', { ...BULK, status: 'gone', account_ids: [1] }, 'status'],
    ['a bulk update of nothing', BULK, 'account_ids'],
    ['a bulk update of two selections', { ...BULK, account_ids: [1], filter: {} }, 'account_ids'],
    ['a list without ids', { ...BULK, account_ids: [] }, 'account_ids'],
    ['ids that are none', { ...BULK, account_ids: [1, '2'] }, 'account_ids'],
    ['a filter that is no object', { ...BULK, filter: 'all' }, 'filter'],
    ['a filter with a field that does not exist', { ...BULK, filter: { stauts: 'pending' } }, 'filter'],
    ['a filter with an empty value', { ...BULK, filter: { status: '' } }, 'status'],
    ['a filter with a time that is none', { ...BULK, filter: { created_before: 'now' } }, 'created_before'],
  ])('%s is refused by name', async (_case, body, field) => {
    const answer = await client.call('POST', '/api/jobs', body);

    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field }]);
    expect(answer.body.error).toContain(field);
  });

  test('a job of another organization, and what is no id, is not found', async () => {
    const { id } = await client.requestAggregate('2026-01-01');
    const stranger = await stack.register('stranger');

    for (const [who, path] of [
      [stranger, `/api/jobs/${id}`],
      [client, '/api/jobs/00000000-0000-4000-8000-000000000000'],
      [client, '/api/jobs/17'],
      [client, `/api/jobs/${id}%00`],
    ] as const) {
      const answer = await who.call('GET', path);
      expect([answer.status, answer.body.code]).toEqual([404, 'job_not_found']);
    }
    expect((await stranger.call('POST', `/api/jobs/${id}/retry`)).status).toBe(404);
    expect((await stranger.call('GET', '/api/jobs')).body).toEqual({ jobs: [], next_cursor: null });
  });

  test('only a failed job can be started again', async () => {
    const { id } = await client.requestAggregate('2026-01-01');

    const answer = await client.call('POST', `/api/jobs/${id}/retry`);

    expect([answer.status, answer.body.code]).toEqual([409, 'job_not_retryable']);
  });

  test('pages list every job once, newest first', async () => {
    const owner = await stack.register('lister');
    const asked: string[] = [];
    for (let n = 0; n < 5; n += 1) asked.unshift((await owner.requestAggregate('2026-01-01')).id);

    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: Page } = await owner.call<Page>(
        'GET',
        `/api/jobs?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      );
      expect(body.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...body.jobs.map((job) => job.id));
      cursor = body.next_cursor;
    }

    expect(seen).toEqual(asked);
  });

  test.each(['limit=0', 'limit=201', 'limit=many', 'cursor=%00', 'cursor=AAAA', 'cursor=a&cursor=b'])(
    'a list with %s is refused',
    async (query) => {
      expect((await client.call('GET', `/api/jobs?${query}`)).status).toBe(400);
    },
  );

  test.each(['', 'a b', 'é', 'x'.repeat(256)])('the idempotency key "%s" is refused', async (key) => {
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
    const answer = await client.call('POST', '/api/jobs', { type: 'aggregate' }, headers);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });

  test('members may change accounts by a job, and operators alone purge', async () => {
    const person = await stack.register('clerk');
    const set = async (values: string) => {
      await stack.sql.query(`UPDATE users SET ${values} WHERE username = $1`, [person.username]);
      await person.signIn();
    };
    const bulk = { ...BULK, account_ids: [1, 2, 2_147_483_648] };
    expect((await person.call('POST', '/api/jobs', { type: 'purge' })).status).toBe(403);
    await set('is_operator = true');
    // The mark counts within a second for who has been asked about before.
    await eventually(async () =>
      expect(await person.call('POST', '/api/jobs', { type: 'purge' })).toMatchObject({
        status: 202,
        body: { type: 'purge', queue: 'low' },
      }),
    );
    await set(`role = 'member', is_operator = false`);
    const asked = await person.call<JobAnswer>('POST', '/api/jobs', bulk);
    expect(asked).toMatchObject({ status: 202, body: { type: 'bulk-update-accounts', queue: 'default' } });
    expect((await person.call('POST', `/api/jobs/${asked.body.id}/cancel`)).status).toBe(403);
    await set(`role = 'viewer'`);
    expect((await person.call('POST', '/api/jobs', bulk)).status).toBe(403);
  });

  test('members and viewers see jobs and may not ask for aggregates', async () => {
    const person = await stack.register('person');
    const { id } = await person.requestAggregate('2026-01-01');
    for (const role of ['member', 'viewer']) {
      await stack.sql.query('UPDATE users SET role = $1 WHERE username = $2', [role, person.username]);
      await person.signIn();

      expect((await person.call('GET', `/api/jobs/${id}`)).status).toBe(200);
      expect((await person.call('GET', '/api/jobs')).status).toBe(200);
      expect((await person.call('POST', '/api/jobs', { type: 'aggregate' })).status).toBe(403);
      expect((await person.call('POST', `/api/jobs/${id}/retry`)).status).toBe(403);
    }
  });
});
