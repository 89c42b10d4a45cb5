import { findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { FaultRow, median } from '../faults/fault-row.js';
import { GARBAGE } from '../faults/garbage.js';
import { size, timeLimit } from '../faults/sizes.js';
import { type Behind, openAddress, SILENCE, type SwappableAddress } from '../faults/swappable-address.js';
import { type ApiProcess, migrate, startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** How long each start is read from. */
const READING_MS = 1_000;

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

const warningsOfFollowers = (api: ApiProcess) =>
  api.logLines().filter(({ level, message }) => Number(level) >= 40 && /follower/i.test(String(message)));

it('no ANALYTICS_DB_URL: one log line, analytics from the primary, "using primary"', async () => {
  await withApi({}, async (api) => {
    for (let index = 0; index < 5; index += 1) expect(await routeOf(api)).toEqual([200, 'primary', 'follower-absent']);
    expect((await api.call('GET', '/health')).text).toBe(
      '{"status":"healthy","database":"connected","analytics_db":"using primary"}',
    );
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    await api.stop();
    expect(api.logLines().filter(({ message }) => /ANALYTICS_DB_URL/.test(String(message)))).toHaveLength(1);
    expect(warningsOfFollowers(api)).toEqual([]);
  });
});

describe('a follower’s address behind which there is none', () => {
  const opened: SwappableAddress[] = [];
  afterAll(() => {
    for (const address of opened) address.close();
  });

  const url = (port: number) => `postgres://tandem:unshown-password@127.0.0.1:${port}/tandem`;

  async function serve(behind: Behind): Promise<string> {
    const address = await openAddress(url(1));
    opened.push(address);
    await address.swap(behind);
    return address.url;
  }

  const kinds: [string, () => Promise<string>][] = [
    ['refused', async () => url(await findFreePort())],
    ['accepts but never answers', () => serve(SILENCE)],
    ['answers garbage', () => serve(GARBAGE.find(([kind]) => kind === 'that answers garbage')?.[1] ?? SILENCE)],
  ];
  const others: (() => Promise<string>)[] = [
    ...GARBAGE.map(
      ([, speak]) =>
        () =>
          serve(speak),
    ),
    async () => 'postgres://tandem:unshown-password@nowhere.invalid/tandem',
  ];

  /**
   * Starts the API with the addresses; resolves with how long it took until it said that it is ready, and with the reads
   * that failed in its first moments. Its log must show nothing worse than one warning for each address.
   */
  async function start(addresses: string[]): Promise<{ readyMs: number; failures: string[] }> {
    const failures: string[] = [];
    const follower: Record<string, string> = addresses.length > 0 ? { ANALYTICS_DB_URL: addresses.join(',') } : {};
    const startedAt = performance.now();
    const api = await startApi({ DATABASE_URL: database.primaryUrl, ...follower });
    try {
      await eventually(async () => expect((await api.call('GET', '/health/ready')).status).toBe(200), 30_000, 5);
      const readyMs = performance.now() - startedAt;
      const until = performance.now() + READING_MS;
      while (performance.now() < until) {
        const { status, text, headers } = await analytics(api);
        if (status !== 200) failures.push(`${status} ${text}`);
        expect([headers['x-db-route'], headers['x-db-route-reason']]).toEqual(['primary', 'follower-absent']);
      }
      const health = (await api.call('GET', '/health')).json();
      const analyticsDb = addresses.length > 0 ? 'disconnected' : 'using primary';
      expect(health).toMatchObject({ status: 'healthy', analytics_db: analyticsDb });
      await api.stop();
      const warnings = warningsOfFollowers(api).map(({ follower: name, message }) => `${name} ${message}`);
      const expected = addresses.map(
        (_, index) => `follower-${index + 1} follower not reachable, reads use the primary`,
      );
      expect(warnings.sort()).toEqual(expected);
      expect(api.output()).not.toContain('unshown-password');
      return { readyMs, failures };
    } finally {
      await api.stop();
    }
  }

  it('ready without delay, one warning, analytics from the primary', {
    timeout: timeLimit(size.startRounds * 30_000),
  }, async (context) => {
    const row = new FaultRow(context, 'no URL; refused; never answers; garbage');
    const addresses = await Promise.all(kinds.map(async ([kind, make]) => [kind, [await make()]] as const));
    const starts = new Map<string, Awaited<ReturnType<typeof start>>[]>();
    for (let round = 0; round < size.startRounds; round += 1) {
      for (const [kind, urls] of [['no URL', []] as const, ...addresses]) {
        starts.set(kind, [...(starts.get(kind) ?? []), await start([...urls])]);
      }
    }
    const readyMs = (kind: string) => median((starts.get(kind) ?? []).map((one) => one.readyMs));
    for (const [kind, all] of starts) {
      row.none(
        `${kind}: failed reads`,
        all.flatMap(({ failures }) => failures),
      );
      if (kind === 'no URL') row.note('no URL: ready after, median', readyMs(kind), 'ms');
      else row.atMost(`${kind}: ready later by, median`, readyMs(kind) - readyMs('no URL'), size.startDelayMs, 'ms');
    }
  });

  it('of every other kind, all at once: one warning each, analytics from the primary', async () => {
    expect((await start(await Promise.all(others.map((make) => make())))).failures).toEqual([]);
  });
});
