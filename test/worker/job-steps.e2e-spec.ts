import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { BACKENDS } from './support/backends.js';
import type { JobAnswer, JobClient } from './support/job-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

const ACCOUNTS = 1_300;

describe.each(BACKENDS)('long jobs with the queues on %s', (backend) => {
  let stack: JobStack;
  let client: JobClient;
  let organizationId: number;
  let worker: RunningWorker;

  beforeAll(async () => {
    stack = await JobStack.start(backend);
    client = await stack.register('admin');
    organizationId = await stack.organizationOf(client);
  });
  beforeEach(async () => {
    worker = await stack.startWorker();
  });
  afterEach(() => worker.process.stop());
  afterAll(() => stack?.stop());

  test('a bulk update whose worker is killed in the middle goes on where it was and repeats no step', async () => {
    await plantAccounts(stack, organizationId);
    const blocker = await stack.sql.connect();
    await blocker.query('BEGIN');
    await holdAccount(blocker, 1100);
    const body = { type: 'bulk-update-accounts', status: 'suspended', filter: { status: 'active' } };
    const { id } = (await client.call<JobAnswer>('POST', '/api/jobs', body)).body;
    await eventually(async () => expect((await client.job(id)).progress).toBeGreaterThan(70), 10_000);

    worker.process.child.kill('SIGKILL');
    await worker.process.exited();
    await blocker.query('COMMIT');
    blocker.release();
    expect((await client.job(id)).progress).toBeGreaterThan(70);
    worker = await stack.startWorker();

    const job = await client.untilJob(id, 'completed', 20_000);
    expect(job).toMatchObject({ result: { matched: ACCOUNTS, updated: ACCOUNTS }, attempts: 2, max_attempts: 4 });
    const { rows } = await stack.sql.query('SELECT count(*)::int AS all, count(DISTINCT id)::int AS once FROM changes');
    expect(rows).toEqual([{ all: ACCOUNTS, once: ACCOUNTS }]);
  });

  test('a long job of a worker that stops is handed over at its next step', async () => {
    await plantAccounts(stack, organizationId);
    const blocker = await stack.sql.connect();
    await blocker.query('BEGIN');
    await holdAccount(blocker, 600);
    const body = { type: 'bulk-update-accounts', status: 'suspended', filter: {} };
    const { id } = (await client.call<JobAnswer>('POST', '/api/jobs', body)).body;
    await eventually(async () => expect((await client.job(id)).progress).toBeGreaterThan(30), 10_000);

    worker.process.child.kill('SIGTERM');
    await worker.process.waitForOutput(/"stopping"/);
    await blocker.query('COMMIT');
    blocker.release();

    expect(await worker.process.exited()).toBe(0);
    expect(await client.job(id)).toMatchObject({ state: 'waiting' });
    worker = await stack.startWorker();
    expect(await client.untilJob(id, 'completed', 20_000)).toMatchObject({
      result: { matched: ACCOUNTS, updated: ACCOUNTS },
    });
    const { rows } = await stack.sql.query('SELECT count(*)::int AS all, count(DISTINCT id)::int AS once FROM changes');
    expect(rows).toEqual([{ all: ACCOUNTS, once: ACCOUNTS }]);
  });
});

/** Locks the account that so many others come before, until the transaction ends. */
async function holdAccount(client: PoolClient, before: number): Promise<void> {
  // In a statement of its own OFFSET would lock what it passes over as well.
  await client.query(
    'SELECT FROM accounts WHERE id = (SELECT id FROM accounts ORDER BY id OFFSET $1 LIMIT 1) FOR UPDATE',
    [before],
  );
}

/** Active accounts of one customer, and a table that counts each change of one in transactions that commit. */
async function plantAccounts({ sql }: JobStack, organizationId: number): Promise<void> {
  await sql.query('DELETE FROM customers; DROP TABLE IF EXISTS changes; DROP FUNCTION IF EXISTS note_change CASCADE');
  await sql.query(
    `WITH owner AS (
       INSERT INTO customers (organization_id, name, email) VALUES ($1, 'Owner', 'owner@example.com') RETURNING id
     )
     INSERT INTO accounts (organization_id, customer_id, name, status)
     SELECT $1, id, 'Account ' || i, 'active' FROM owner, generate_series(1, $2) i`,
    [organizationId, ACCOUNTS],
  );
  await sql.query(`CREATE TABLE changes (id int);
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO changes VALUES (NEW.id); RETURN NULL; END $$;
    CREATE TRIGGER note_change AFTER UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION note_change()`);
}
