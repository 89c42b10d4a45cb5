import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { migrate, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { ask, untilSeen } from '../support/questions.js';
import { untilFollowerCaughtUp } from '../support/test-database.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const ACCOUNTS = 40_000;

let stage: RoutingStage;
let urls: { primaryUrl: string; followerUrl: string };
beforeAll(async () => {
  stage = await openRoutingStage();
  urls = { primaryUrl: stage.cluster.primary.url, followerUrl: stage.follower.url };
});
afterAll(() => stage?.close());

const ofDatabase = (url: string, name: string) => url.replace(/[^/]*$/, name);

describe('a read that fails on the follower is asked again of the primary', () => {
  it('where the follower lacks a table that a migration has just made', async () => {
    const name = 'migrated_late';
    const primaryUrl = ofDatabase(urls.primaryUrl, name);
    const followerUrl = ofDatabase(urls.followerUrl, name);
    await ask(urls.primaryUrl, `CREATE DATABASE ${name}`);
    await untilSeen(followerUrl, 'SELECT 1 AS it', { it: 1 });
    await pauseReplay(urls.followerUrl);
    await migrate(primaryUrl);
    const api = await startApi({ DATABASE_URL: primaryUrl, ANALYTICS_DB_URL: followerUrl });
    try {
      await waitUntilReady(api);
      await waitUntilFollowerServes(api);
      const { token, organizationId } = await registerAdmin({
        call: api.call,
        sql: async (_text, [username]: unknown[] = []) => [
          await ask(primaryUrl, `SELECT id, organization_id FROM users WHERE username = '${username}'`),
        ],
      });
      // Past the API, which would know of its own write and not ask the follower at all.
      const values = `(${organizationId}, 'A', 'a@example.com'), (${organizationId}, 'B', 'b@example.com')`;
      await ask(primaryUrl, `INSERT INTO customers (organization_id, name, email) VALUES ${values}`);
      const readers = new Readers((method, path) => api.call(method, path, { token }), 4, ['/api/analytics']);
      await eventually(() => expect(readers.reads.length).toBeGreaterThan(40));
      const late = await readers.stop();
      expect(failuresOf(late)).toEqual([]);
      expect(routesOf(late)).toEqual(['primary schema-behind']);
      expect(new Set(late.map(({ text }) => JSON.parse(text).total_customers))).toEqual(new Set([2]));
      const metrics = await readMetrics(api.call);
      const retries = metrics.value('db_route_retry_total', { code: '42P01', outcome: 'answered' });
      expect(retries).toBe(late.length);
      expect(metrics.value('db_route_retry_total', { outcome: 'failed' })).toBe(0);
      expect(metrics.value('db_follower_state', { state: 'healthy' })).toBe(1);

      await resumeReplay(urls.followerUrl);
      await eventually(async () => {
        const { headers, text } = await api.call('GET', '/api/analytics', { token });
        expect([headers['x-db-route'], headers['x-db-route-reason']]).toEqual(['follower', 'ok']);
        expect(JSON.parse(text).total_customers).toBe(2);
      });
    } finally {
      await api.stop();
      await resumeReplay(urls.followerUrl);
    }
  });

  it('where replay needs a lock and ends it', async () => {
    await ask(urls.followerUrl, "ALTER SYSTEM SET max_standby_streaming_delay = '0'");
    await ask(urls.followerUrl, 'SELECT pg_reload_conf()');
    await stage.sql(
      `INSERT INTO accounts (organization_id, customer_id, name, status)
       SELECT organization_id, id, 'Planted ' || i, 'active' FROM customers, generate_series(1, ${ACCOUNTS}) i`,
    );
    await untilFollowerCaughtUp(urls);
    const before = (await stage.call('GET', '/api/analytics')).text;
    expect(JSON.parse(before).total_accounts).toBe(ACCOUNTS + 1);

    const readers = new Readers(stage.call, 8, ['/api/analytics']);
    await eventually(async () => {
      await stage.sql('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE; COMMIT');
      expect(readers.reads.filter(({ route }) => route === 'primary conflict-retry').length).toBeGreaterThan(2);
    }, 20_000);
    const reads = await readers.stop();

    expect(failuresOf(reads)).toEqual([]);
    expect(routesOf(reads)).toEqual(['follower ok', 'primary conflict-retry']);
    expect(new Set(reads.map(({ text }) => text))).toEqual(new Set([before]));
    const metrics = await readMetrics(stage.call);
    const conflicts = reads.filter(({ route }) => route === 'primary conflict-retry').length;
    expect(metrics.value('db_route_retry_total', { code: '40001', outcome: 'answered' })).toBe(conflicts);
    expect(metrics.value('db_route_total', { target: 'primary', reason: 'conflict-retry' })).toBe(conflicts);
    expect(metrics.value('db_follower_transitions_total', { from: 'healthy' })).toBe(0);
  });
});
