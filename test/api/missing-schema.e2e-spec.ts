import pg from 'pg';
import { expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { migrate, startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase } from '../support/test-database.js';

it('a primary without the schema is said to lack it, and is used once it was migrated, without a restart', async () => {
  const empty = await createTestDatabase();
  const query = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: empty.primaryUrl });
    await client.connect();
    return (await client.query<Row>(text, values).finally(() => client.end())).rows;
  };
  const api = await startApi({ DATABASE_URL: empty.primaryUrl, ANALYTICS_DB_URL: empty.followerUrl });
  try {
    await eventually(async () => {
      const ready = await api.call('GET', '/health/ready');
      expect(ready.status).toBe(503);
      expect(ready.text).toContain('npm run migrate');
    }, 20_000);
    expect((await api.call('GET', '/health/startup')).status).toBe(503);
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/api/auth/login'],
      ['GET', '/api/customers'],
      ['GET', '/api/analytics'],
    ] as const) {
      const answer = await api.call(method, path, {
        json: method === 'POST' ? { username: 'a', password: 'b' } : undefined,
      });
      expect([path, answer.status, answer.json().code]).toEqual([path, 503, 'schema_not_ready']);
      expect(answer.headers['retry-after']).toBeDefined();
      expect(answer.json().request_id).toBe(answer.headers['x-request-id']);
    }
    expect(await query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    await migrate(empty.primaryUrl);
    await waitUntilReady(api);
    const person = await registerAdmin({ call: api.call, sql: query });
    expect((await api.call('GET', '/api/customers', { token: person.token })).text).toBe('[]');
  } finally {
    await api.stop();
    await empty.drop();
  }
});
