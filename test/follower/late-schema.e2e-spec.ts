import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { FaultRow } from '../faults/fault-row.js';
import { migrate, startApi, waitUntilFollowerServes, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { ask, untilSeen } from '../support/questions.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const READS = 40;
const READERS = 4;

let stage: RoutingStage;
let urls: { primaryUrl: string; followerUrl: string };
beforeAll(async () => {
  stage = await openRoutingStage();
  urls = { primaryUrl: stage.cluster.primary.url, followerUrl: stage.follower.url };
});
afterEach(() => resumeReplay(urls.followerUrl));
afterAll(() => stage?.close());

const ofDatabase = (url: string, name: string) => url.replace(/[^/]*$/, name);

describe('a read that fails on the follower for a migration not replayed yet is asked again of the primary', () => {
  it('where a column is missing', async (context) => {
    const row = new FaultRow(context, 'column added while replay is paused');
    // What a migration adds is what the API reads, so the follower is made to lack a column that it reads now.
    await stage.sql('ALTER TABLE rollup_deltas RENAME COLUMN status TO not_yet_status');
    await stage.untilCaughtUp();
    await pauseReplay(urls.followerUrl);
    await stage.sql('ALTER TABLE rollup_deltas RENAME COLUMN not_yet_status TO status');
    const readers = new Readers(stage.call, 4);
    await readers.until(READS);
    const reads = await readers.stop();
    row.none('failed reads of it', failuresOf(reads));
    row.atLeast(
      'reads of it through the primary',
      reads.filter(({ route }) => route === 'primary schema-behind').length,
      READS,
    );
    await resumeReplay(urls.followerUrl);
    await eventually(async () =>
      expect((await stage.call('GET', '/api/analytics')).headers['x-db-route']).toBe('follower'),
    );
  });

  it('where the functions that are asked, and their tables, are missing', async () => {
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
      const readers = new Readers((method, path) => api.call(method, path, { token }), READERS, ['/api/analytics']);
      await readers.until(READS);
      const late = await readers.stop();
      expect(failuresOf(late)).toEqual([]);
      expect(routesOf(late)).toEqual(['primary schema-behind']);
      expect(new Set(late.map(({ text }) => JSON.parse(text).total_customers))).toEqual(new Set([2]));
      const metrics = await readMetrics(api.call);
      const retries = metrics.value('db_route_retry_total', { code: '42883', outcome: 'answered' });
      // Once for each that was under way; from then on the follower is passed over until it has replayed more.
      expect(retries).toBeGreaterThan(0);
      expect(retries).toBeLessThanOrEqual(READERS);
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
    }
  });
});
