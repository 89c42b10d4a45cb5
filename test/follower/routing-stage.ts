import type { EmbeddedCluster, EmbeddedFollower, ServerSettings } from '@app/embedded-postgres';
import pg from 'pg';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type Customer, makeAccount, makeCustomer } from '../builders/records.builder.js';
import { openAddress, type SwappableAddress } from '../faults/swappable-address.js';
import { type ApiProcess, migrate, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { untilFollowerCaughtUp } from '../support/test-database.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';

/** The API on a primary and followers of its own, which may be killed and stopped, with a customer and an account in it. */
export interface RoutingStage {
  cluster: EmbeddedCluster;
  /** The first one. */
  follower: EmbeddedFollower;
  followers: EmbeddedFollower[];
  /** By which the API reaches the followers, where that was asked for. */
  addresses: SwappableAddress[];
  /** The first one. */
  api: ApiProcess;
  /** All of them, on the same databases. */
  apis: ApiProcess[];
  admin: Person;
  customer: Customer;
  call: ApiProcess['call'];
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** What `/health` says of the databases. */
  health(): Promise<{ database: string; analytics_db: string }>;
  /** Resolves once the followers have everything that the primary has now. */
  untilCaughtUp(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  followers?: number;
  /** How many processes of the API; one knows nothing of what was written through another. */
  apis?: number;
  /** How many addresses of ours the API reaches each follower by; what stands behind one can be swapped. None: by its own. */
  addressesEach?: number;
  /** How long everything takes each way through such an address. */
  delayMs?: number;
  environment?: Record<string, string>;
  settings?: ServerSettings;
}

export async function openRoutingStage(options: StageOptions = {}): Promise<RoutingStage> {
  const { cluster, remove } = await startThrowAwayCluster(options.followers ?? 1, options.settings);
  const { followers } = cluster;
  const primaryUrl = cluster.primary.url;
  const followerUrls = followers.map(({ url }) => url);
  await migrate(primaryUrl);
  const swappable = followerUrls.flatMap((url) => Array<string>(options.addressesEach ?? 0).fill(url));
  const addresses = await Promise.all(swappable.map((url) => openAddress(url, options.delayMs)));
  const reachedBy = addresses.length > 0 ? addresses.map(({ url }) => url) : followerUrls;
  const environment = { DATABASE_URL: primaryUrl, ANALYTICS_DB_URL: reachedBy.join(','), ...options.environment };
  const apis = await Promise.all(Array.from({ length: options.apis ?? 1 }, () => startApi(environment)));
  const [api] = apis as [ApiProcess];
  const sql = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: primaryUrl });
    await client.connect();
    return client.query<Row>(text, values).then(
      ({ rows }) => client.end().then(() => rows),
      (error) => client.end().then(() => Promise.reject(error)),
    );
  };
  const untilCaughtUp = async (): Promise<void> => {
    for (const followerUrl of followerUrls) await untilFollowerCaughtUp({ primaryUrl, followerUrl });
  };
  for (const each of apis) {
    await waitUntilReady(each);
    await waitUntilFollowerServes(each);
  }
  const caller = { call: api.call, sql };
  const admin = await registerAdmin(caller);
  const customer = await makeCustomer(caller, admin.token);
  await makeAccount(caller, admin.token, customer.id);
  await untilCaughtUp();
  return {
    cluster,
    follower: followers[0] as EmbeddedFollower,
    followers,
    addresses,
    api,
    apis,
    admin,
    customer,
    sql,
    untilCaughtUp,
    call: (method, path, options) => api.call(method, path, { token: admin.token, ...options }),
    health: async () => (await api.call('GET', '/health')).json(),
    async close() {
      await Promise.all(apis.map((each) => each.stop()));
      for (const address of addresses) address.close();
      await remove();
    },
  };
}
