import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { type ApiProcess, migrate, startApi, waitUntilReady } from '../support/api-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** What starting takes from "listens" to "schema is complete": far more than it needs on a busy machine, far less than any retry. */
const START_LIMIT_MS = 4_000;

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

function millisecondsBetween(api: ApiProcess, first: string, second: string): number {
  const at = (message: string) => Date.parse(String(api.logLines().find((line) => line.message === message)?.time));
  return at(second) - at(first);
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
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });

  async function serve(onConnection: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return url((server.address() as { port: number }).port);
  }
  const url = (port: number) => `postgres://tandem:unshown-password@127.0.0.1:${port}/tandem`;

  const kinds: [string, () => Promise<string>][] = [
    ['that refuses connections', async () => url(await findFreePort())],
    ['that accepts and never answers', () => serve(() => undefined)],
    ['that hangs up at once', () => serve((socket) => socket.end())],
    ['that answers an HTTP error', () => serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['that answers garbage', () => serve((socket) => socket.on('data', () => socket.write(randomBytes(4_096))))],
    [
      'that agrees to plain text and then answers garbage',
      () => serve((socket) => socket.on('data', (data) => socket.write(data.length === 8 ? 'N' : randomBytes(64)))),
    ],
    [
      'that agrees and then sends an error no parser likes',
      () =>
        serve((socket) =>
          socket.on('data', (data) => socket.write(data.length === 8 ? 'N' : Buffer.from('45000000050053', 'hex'))),
        ),
    ],
    ['whose name nobody knows', async () => 'postgres://tandem:unshown-password@nowhere.invalid/tandem'],
  ];

  /** Starts the API with the addresses; its analytics and its log must show nothing worse than one warning for each. */
  async function expectPrimaryServes(addresses: string[]): Promise<void> {
    await withApi({ ANALYTICS_DB_URL: addresses.join(',') }, async (api) => {
      const until = performance.now() + 1_500;
      while (performance.now() < until) {
        expect(await routeOf(api)).toEqual([200, 'primary', 'follower-absent']);
      }
      const health = (await api.call('GET', '/health')).json();
      expect(health).toMatchObject({ status: 'healthy', analytics_db: 'disconnected' });
      await api.stop();
      expect(millisecondsBetween(api, 'API listens', 'schema is complete')).toBeLessThan(START_LIMIT_MS);
      const warnings = warningsOfFollowers(api).map(({ follower, message }) => `${follower} ${message}`);
      const expected = addresses.map(
        (_, index) => `follower-${index + 1} follower not reachable, reads use the primary`,
      );
      expect(warnings.sort()).toEqual(expected);
      expect(api.output()).not.toContain('unshown-password');
    });
  }

  it.each(kinds.slice(0, 2))('%s: ready without delay, one warning, analytics from the primary', async (_kind, make) =>
    expectPrimaryServes([await make()]),
  );

  it('of every other kind, all at once: the same', async () => {
    await expectPrimaryServes(await Promise.all(kinds.slice(2).map(([, make]) => make())));
  });
});
