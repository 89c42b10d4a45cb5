import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultRow } from '../faults/fault-row.js';
import { type ApiProcess, startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/questions.js';
import { signalServer } from '../support/server-signals.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const FAULT = 'primary crashed and follower promoted';
const WATCHED_MS = 3_000;

let stage: RoutingStage;
let successor: ApiProcess | undefined;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(async () => {
  await successor?.stop();
  await stage?.close();
});

const tokenOf = (headers: Record<string, unknown>) => String(headers['x-consistency-token']);

/** What was ever written to the tables of a server's database by anybody. */
async function rowsWritten(url: string): Promise<string> {
  const { written } = await ask(
    url,
    'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) AS written FROM pg_stat_user_tables',
  );
  return String(written);
}

it('a promoted follower is neither read nor written until it is configured as the primary; then old tokens are reset', async (context) => {
  const row = new FaultRow(context, FAULT);
  // A write that the follower never gets: its token must not be taken for one of the new timeline, now or later.
  await pauseReplay(stage.follower.url);
  const lost = await stage.call('POST', '/api/customers', { json: { name: 'Lost', email: 'lost@example.com' } });
  const token = tokenOf(lost.headers);
  expect(token).toMatch(/^v1\.\d+\.1\.[0-9A-F]+/);
  await signalServer(stage.cluster.primary, 'SIGKILL');
  await resumeReplay(stage.follower.url);
  await ask(stage.follower.url, 'SELECT pg_promote()');
  await eventually(async () => expect((await stage.call('GET', '/api/analytics')).status).toBe(503));

  const before = await rowsWritten(stage.follower.url);
  const watchedUntil = performance.now() + WATCHED_MS;
  const answers: string[] = [];
  while (performance.now() < watchedUntil) {
    const writing = await stage.call('POST', '/api/customers', {
      json: { name: 'A', email: `${answers.length}@example.com` },
    });
    const reading = await stage.call('GET', '/api/analytics');
    for (const { status, text } of [writing, reading]) if (status !== 503) answers.push(`${status} ${text}`);
    await sleep(100);
  }
  row.none('writes and reads answered by it', answers);
  const { sessions } = await ask<{ sessions: number }>(
    stage.follower.url,
    "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name IN ('tandem', 'tandem-follower')",
  );
  row.atMost('sessions of reads and writes on it', sessions, 0);
  row.atMost('rows written to it', Number(await rowsWritten(stage.follower.url)) - Number(before), 0);

  successor = await startApi({ DATABASE_URL: stage.follower.url });
  await waitUntilReady(successor);
  const api = successor;
  const asks = async (sent: string) =>
    api.call('GET', '/api/analytics', { token: stage.admin.token, headers: { 'x-consistency-token': sent } });
  const reset = await asks(token);
  expect([reset.status, reset.headers['x-consistency']]).toEqual([200, 'reset']);
  const fresh = tokenOf(reset.headers);
  expect(fresh).toMatch(/^v1\.\d+\.2\./);
  const kept = await asks(fresh);
  expect([kept.status, kept.headers['x-consistency']]).toEqual([200, undefined]);
  // The new timeline passes the lost write's position; its token is still of the other one.
  for (let index = 0; index < 20; index += 1) {
    const json = { name: 'After', email: `after${index}@example.com` };
    expect((await api.call('POST', '/api/customers', { token: stage.admin.token, json })).status).toBe(201);
  }
  const later = await asks(token);
  row.atMost(
    'old tokens not reset',
    [reset, later].filter(({ headers }) => headers['x-consistency'] !== 'reset').length,
    0,
  );
});
