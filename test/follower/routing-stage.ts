import type { EmbeddedCluster, EmbeddedFollower } from '@app/embedded-postgres';
import pg from 'pg';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Customer, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { type ApiProcess, migrate, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { untilFollowerCaughtUp } from '../support/test-database.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';

/** The API on a primary and follower of its own, which may be killed and stopped, with a customer and an account in it. */
export interface RoutingStage {
  cluster: EmbeddedCluster;
  follower: EmbeddedFollower;
  api: ApiProcess;
  admin: Person;
  customer: Customer;
  call: ApiProcess['call'];
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** What `/health` says of the databases. */
  health(): Promise<{ database: string; analytics_db: string }>;
  close(): Promise<void>;
}

export async function openRoutingStage(): Promise<RoutingStage> {
  const { cluster, remove } = await startThrowAwayCluster(1);
  const [follower] = cluster.followers as [EmbeddedFollower];
  const urls = { primaryUrl: cluster.primary.url, followerUrl: follower.url };
  await migrate(urls.primaryUrl);
  const api = await startApi({ DATABASE_URL: urls.primaryUrl, ANALYTICS_DB_URL: urls.followerUrl });
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: urls.primaryUrl });
    await client.connect();
    return client.query<Row>(text, values).then(
      ({ rows }) => client.end().then(() => rows),
      (error) => client.end().then(() => Promise.reject(error)),
    );
  };
  await waitUntilReady(api);
  await waitUntilFollowerServes(api);
  const caller = { call: api.call, sql };
  const admin = await registerAdmin(caller);
  const customer = await makeCustomer(caller, admin.token);
  await makeAccount(caller, admin.token, customer.id);
  await untilFollowerCaughtUp(urls);
  return {
    cluster,
    follower,
    api,
    admin,
    customer,
    sql,
    call: (method, path, options) => api.call(method, path, { token: admin.token, ...options }),
    health: async () => (await api.call('GET', '/health')).json(),
    async close() {
      await api.stop();
      await remove();
    },
  };
}
