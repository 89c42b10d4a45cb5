import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plantManyCustomers } from '../builders/many-records.builder.js';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage, startApi, waitUntilReady } from '../support/api-process.js';
import { openPausedReader } from '../support/paused-reader.js';
import { lockTable } from '../support/table-lock.js';

let stage: ApiStage;
let admin: Person;
beforeEach(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterEach(() => stage?.close());

/** Statuses of the readiness probe, asked again and again until it is not answered any more. */
async function watchReadiness(): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  for (;;) {
    const status = await stage.call('GET', '/health/ready', { headers: { connection: 'close' } }).then(
      (answer) => answer.status,
      () => 'refused',
    );
    if (seen.at(-1) !== status) seen.push(status);
    if (status === 'refused') return seen;
    await sleep(10);
  }
}

describe('told to stop', () => {
  it('readiness fails first, what is under way is finished, then it ends with 0', async () => {
    const { id } = await makeCustomer(stage, admin.token);
    const release = await lockTable(stage.database.primaryUrl, 'customers');
    const json = { name: 'Finished', email: 'finished@example.com' };
    const slow = stage.call('PUT', `/api/customers/${id}`, { token: admin.token, json });
    await sleep(200);
    const readiness = watchReadiness();
    await sleep(50);
    stage.api.child.kill('SIGTERM');
    expect(await readiness).toEqual([200, 503, 'refused']);
    await release();
    const answer = await slow;
    expect([answer.status, answer.json().name]).toEqual([200, 'Finished']);
    expect(await stage.api.exited(5_000)).toBe(0);
    expect(await stage.sql('SELECT name FROM customers')).toEqual([{ name: 'Finished' }]);
  });

  it('it lets a reader have the rest of a whole list', async () => {
    await plantManyCustomers(stage, admin.organizationId, 60_000, 240);
    const reader = await openPausedReader(`${stage.api.url}/api/customers`, admin.token);
    stage.api.child.kill('SIGTERM');
    await sleep(600);
    expect(JSON.parse(await reader.readToEnd())).toHaveLength(60_000);
    expect(await stage.api.exited(5_000)).toBe(0);
  });

  it('it does not wait for connections on which nothing is asked, logs no failure and leaves no session behind', async () => {
    const paths = ['/health', '/api/customers', '/api/analytics', '/api/jobs', '/api/accounts?limit=1'];
    await Promise.all(paths.map((path) => stage.call('GET', path, { token: admin.token })));
    stage.api.child.kill('SIGINT');
    expect(await stage.api.exited(3_000)).toBe(0);
    const lines = stage.api.logLines();
    expect(lines.map(({ message }) => message)).toContain('stopping');
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    await expect
      .poll(() =>
        stage.sql(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tandem%'",
        ),
      )
      .toEqual([]);
  });

  it('by the end of the process that started it, where that holds a channel', async () => {
    const { primaryUrl } = stage.database;
    const child = await startApi({ DATABASE_URL: primaryUrl }, { ipc: true });
    await waitUntilReady(child);
    child.child.disconnect();
    await expect.poll(() => child.child.exitCode, { timeout: 5_000 }).toBe(0);
  });
});
