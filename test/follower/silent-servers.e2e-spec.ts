import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { type ApiProcess, migrate, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { openStallingProxy, type StallingProxy } from './stalling-proxy.js';

let database: TestDatabase;
let primary: StallingProxy;
let follower: StallingProxy;
let api: ApiProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.primaryUrl);
});
afterAll(async () => {
  await database?.drop();
});

async function start(): Promise<void> {
  [primary, follower] = await Promise.all([
    openStallingProxy(database.primaryUrl),
    openStallingProxy(database.followerUrl),
  ]);
}

async function stop(): Promise<void> {
  await api.stop();
  primary.close();
  follower.close();
}

const health = async () => (await api.call('GET', '/health')).json();

it('a follower that falls silent while it is being taken into use is given up like any other', async () => {
  await start();
  follower.stall('tandem-follower');
  api = await startApi({ DATABASE_URL: primary.url, ANALYTICS_DB_URL: follower.url });
  try {
    await waitUntilReady(api);
    await waitUntilFollowerServes(api);
    // Time enough to send it the first statement, whose answer never comes.
    await sleep(300);
    follower.stall();
    await eventually(async () => expect(await health()).toMatchObject({ analytics_db: 'disconnected' }), 3_000);
    const { token } = await registerAdmin({
      call: api.call,
      sql: async () => [{ id: 1, organization_id: 1 }] as never,
    });
    const answer = await api.call('GET', '/api/analytics', { token });
    expect([answer.status, answer.headers['x-db-route-reason']]).toEqual([200, 'follower-open']);
    follower.resume();
    await waitUntilFollowerServes(api);
    await eventually(async () =>
      expect((await api.call('GET', '/api/analytics', { token })).headers['x-db-route']).toBe('follower'),
    );
  } finally {
    await stop();
  }
});

it('a primary that falls silent while it is being taken into use is given up, and taken again later', async () => {
  await start();
  primary.stall('tandem');
  api = await startApi({ DATABASE_URL: primary.url, ANALYTICS_DB_URL: follower.url });
  try {
    await eventually(async () => expect(await health()).toMatchObject({ database: 'connected' }), 20_000);
    await sleep(300);
    primary.stall();
    await eventually(async () => expect(await health()).toMatchObject({ database: 'disconnected' }), 5_000);
    const login = await api.call('POST', '/api/auth/login', { json: { username: 'a', password: 'b' } });
    expect([login.status, login.json().code]).toEqual([503, 'primary_unavailable']);
    primary.resume();
    await waitUntilReady(api);
    const again = await api.call('POST', '/api/auth/login', { json: { username: 'a', password: 'b' } });
    expect(again.status).toBe(401);
  } finally {
    await stop();
  }
});
