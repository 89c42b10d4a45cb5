import { findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { type ApiProcess, migrate, startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';

let database: TestDatabase;
let token: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.primaryUrl);
  await withApi({}, async (api) => {
    token = (await registerAdmin({ call: api.call, sql: (text, values) => sql(text, values) })).token;
  });
});
afterAll(() => database?.drop());

async function sql<Row extends object>(
  text: string,
  values: unknown[] = [],
  url = database.primaryUrl,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Row>(text, values).finally(() => client.end());
  return rows;
}

async function withApi(environment: Record<string, string>, work: (api: ApiProcess) => Promise<void>): Promise<void> {
  const api = await startApi({ DATABASE_URL: database.primaryUrl, ...environment });
  try {
    await waitUntilReady(api);
    await work(api);
  } finally {
    await api.stop();
  }
}

const analytics = (api: ApiProcess) => api.call('GET', '/api/analytics', { token });

async function routeOf(api: ApiProcess): Promise<unknown[]> {
  const { status, headers } = await analytics(api);
  return [status, headers['x-db-route'], headers['x-db-route-reason']];
}

describe('a server that is no follower of this primary is never read', () => {
  /** How many connections for reads a server has been asked for by this API. */
  const readsOn = (serverUrl: string) =>
    sql(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tandem-follower' AND datname = current_database()",
      [],
      serverUrl,
    );

  it('the primary itself under the follower’s name', async () => {
    await withApi({ ANALYTICS_DB_URL: database.primaryUrl }, async (api) => {
      await eventually(async () => expect(await routeOf(api)).toEqual([200, 'primary', 'follower-role-changed']));
      expect((await api.call('GET', '/health')).json()).toMatchObject({ analytics_db: 'disconnected' });
    });
  });

  it('the follower of another primary, with rows of its own in the same tables', async () => {
    const other = await startThrowAwayCluster(0);
    try {
      await migrate(other.cluster.primary.url);
      await sql("INSERT INTO organizations (id, name) VALUES (1, 'Other')", [], other.cluster.primary.url);
      await sql(
        "INSERT INTO customers (organization_id, name, email) VALUES (1, 'Other', 'o@x.y')",
        [],
        other.cluster.primary.url,
      );
      const environment = { DATABASE_URL: other.cluster.primary.url, ANALYTICS_DB_URL: database.followerUrl };
      await withApi(environment, async (api) => {
        for (let index = 0; index < 40; index += 1) {
          const { json, headers } = await analytics(api);
          expect(json()).toMatchObject({ total_customers: 1 });
          expect(headers['x-db-route']).toBe('primary');
        }
        await eventually(async () => expect(await routeOf(api)).toEqual([200, 'primary', 'follower-role-changed']));
        expect(await readsOn(database.followerUrl)).toEqual([]);
      });
    } finally {
      await other.remove();
    }
  });

  it('not even before its own primary was seen', async () => {
    const environment = {
      DATABASE_URL: `postgres://tandem:x@127.0.0.1:${await findFreePort()}/tandem`,
      ANALYTICS_DB_URL: database.followerUrl,
    };
    const api = await startApi(environment);
    try {
      await eventually(async () => expect((await api.call('GET', '/health/live')).status).toBe(200), 20_000);
      for (let index = 0; index < 20; index += 1) {
        const answer = await analytics(api);
        expect([answer.status, answer.json().code]).toEqual([503, 'primary_unavailable']);
      }
      expect((await api.call('GET', '/health/ready')).status).toBe(503);
    } finally {
      await api.stop();
    }
  });
});
