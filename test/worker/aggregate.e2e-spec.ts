import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS } from './support/backends.js';
import type { JobAnswer, JobClient } from './support/job-client.js';
import { JobStack } from './support/job-stack.js';

const DATE = '2026-03-10';
const KEYS = [
  'date',
  'total_customers',
  'total_accounts',
  'active_accounts',
  'inactive_accounts',
  'avg_accounts_per_customer',
  'new_customers',
  'new_accounts',
];

describe.each(BACKENDS)('aggregates with the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    client = await stack.register('aggregator');
    await stack.startWorker();
    const stranger = await stack.register('neighbour');
    for (const owner of [client, stranger]) await plantRows(stack, await stack.organizationOf(owner));
  });
  afterAll(() => stack?.stop());

  test('a job is accepted with its address and stores the totals that a recount finds', async () => {
    const accepted = await client.call<JobAnswer>('POST', '/api/jobs', { type: 'aggregate', date: DATE });

    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/api/jobs/${accepted.body.id}`);
    expect(accepted.body).toMatchObject({ type: 'aggregate', queue: 'default', max_attempts: 3, result: null });
    const job = await client.untilJob(accepted.body.id, 'completed');
    expect(Object.keys(job.result ?? {})).toEqual(KEYS);
    expect(job.result).toEqual(await recount(stack, await stack.organizationOf(client)));
    expect(job).toMatchObject({ progress: 100, attempts: 1, error: null });
    for (const time of [job.created_at, job.started_at, job.finished_at]) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
    expect(await stored(stack, client)).toEqual([job.result]);
  });

  test('asking again computes the day anew in place of the old result', async () => {
    await stack.sql.query(`UPDATE accounts SET status = 'active' WHERE status = 'inactive'`);

    const { id } = await client.requestAggregate(DATE);

    const job = await client.untilJob(id, 'completed');
    expect(job.result).toMatchObject({ inactive_accounts: 0 });
    expect(await stored(stack, client)).toEqual([job.result]);
  });

  test('the day is yesterday unless told, and an organization without rows has zeros', async () => {
    const empty = await stack.register('empty');

    const { id } = await empty.requestAggregate();

    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const { result } = await empty.untilJob(id, 'completed');
    expect(result).toEqual({ ...Object.fromEntries(KEYS.map((key) => [key, 0])), date: yesterday });
  });

  test('metrics tell the jobs by type and the depths of the queues', async () => {
    const worker = await stack.startWorker();
    const text = await (await fetch(`${worker.url}/metrics`)).text();

    expect(text).toMatch(/queue_up\{app="worker"\} 1/);
    expect(text).toMatch(/queue_jobs\{queue="default",state="completed",app="worker"\} [1-9]/);
    expect(text).toContain('# TYPE job_duration_seconds histogram');
    expect(await (await fetch(`${stack.apiUrl}/metrics`)).text()).toMatch(/queue_jobs\{queue="low",state="waiting"/);
  });
});

/** Rows before, on and after the day, with a customer without accounts and odd states. */
async function plantRows(stack: JobStack, organizationId: number): Promise<void> {
  await stack.sql.query(
    `WITH c AS (
       INSERT INTO customers (organization_id, name, email, created_at)
       SELECT $1, 'Customer ' || n, n || '@example.com', timestamp '2026-03-08 23:59:59.999999' + n * interval '6 hours'
       FROM generate_series(0, 19) AS n RETURNING id, created_at)
     INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
     SELECT $1, c.id, 'Account', (ARRAY['active', 'inactive', 'suspended', 'pending'])[1 + c.id % 4],
       c.created_at + k * interval '1 microsecond'
     FROM c, generate_series(1, 4) AS k WHERE c.id % 3 > 0 AND k <= 1 + c.id % 4`,
    [organizationId],
  );
}

/** The same totals written down differently: one plain count each. */
async function recount(stack: JobStack, organizationId: number): Promise<Record<string, unknown>> {
  const one = async (text: string): Promise<number> => {
    const { rows } = await stack.sql.query(text.replaceAll('BEFORE', `created_at < '2026-03-11 00:00'`), [
      organizationId,
    ]);
    return Number(rows[0].value);
  };
  const accounts = 'FROM accounts WHERE organization_id = $1 AND BEFORE';
  const customers = 'FROM customers WHERE organization_id = $1 AND BEFORE';
  const ofDay = `AND created_at >= '2026-03-10 00:00'`;
  const owners = await one(`SELECT count(DISTINCT customer_id) AS value ${accounts}`);
  const total = await one(`SELECT count(*) AS value ${accounts}`);
  expect(owners).toBeGreaterThan(0);
  return {
    date: DATE,
    total_customers: await one(`SELECT count(*) AS value ${customers}`),
    total_accounts: total,
    active_accounts: await one(`SELECT count(*) AS value ${accounts} AND status = 'active'`),
    inactive_accounts: await one(`SELECT count(*) AS value ${accounts} AND status = 'inactive'`),
    avg_accounts_per_customer: expect.closeTo(total / owners, 12),
    new_customers: await one(`SELECT count(*) AS value ${customers} ${ofDay}`),
    new_accounts: await one(`SELECT count(*) AS value ${accounts} ${ofDay}`),
  };
}

async function stored(stack: JobStack, client: JobClient): Promise<object[]> {
  const { rows } = await stack.sql.query(
    `SELECT date::text, total_customers::int, total_accounts::int, active_accounts::int, inactive_accounts::int,
       avg_accounts_per_customer, new_customers::int, new_accounts::int
     FROM daily_aggregates WHERE organization_id = $1 AND date = $2`,
    [await stack.organizationOf(client), DATE],
  );
  return rows;
}
