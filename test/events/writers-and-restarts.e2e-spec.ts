import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRoutingStage, type RoutingStage } from '../follower/routing-stage.js';
import { type ApiProcess, startApi, waitUntilReady } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/questions.js';
import { signalServer } from '../support/server-signals.js';
import { EventSource, type ToldEvent } from './support/event-source.js';

const WRITERS = 16;
const PART_MS = 2_500;

interface EventList {
  events: ToldEvent[];
  next_cursor: string;
  has_more: boolean;
}

let stage: RoutingStage;
let apis: ApiProcess[];
const started: ApiProcess[] = [];
beforeAll(async () => {
  stage = await openRoutingStage({ apis: 2 });
  apis = [...stage.apis];
});
afterAll(async () => {
  await Promise.all(started.map((api) => api.stop()));
  await stage?.close();
});

const token = () => stage.admin.token;
/** On any process that answers; undefined where none did. */
async function call(method: string, path: string, json?: unknown) {
  const api = apis[Math.floor(Math.random() * apis.length)];
  return api?.call(method, path, { token: token(), json, limitMs: 5_000 }).catch(() => undefined);
}

/** Creates, renames, moves to and fro and deletes, over customers that others change too. */
async function write(writer: number, isOver: () => boolean): Promise<void> {
  const ids: unknown[] = [stage.customer.id];
  for (let n = 0; !isOver(); n += 1) {
    const email = `w${writer}-${n}@example.com`;
    const id = ids[Math.floor(Math.random() * ids.length)];
    const kind = n % 5;
    if (kind === 0)
      ids.push((await call('POST', '/api/customers', { name: 'A', email }))?.json().id ?? stage.customer.id);
    else if (kind === 1)
      await call('PUT', `/api/customers/${stage.customer.id}`, { name: email, email: 'shared@example.com' });
    else if (kind === 2) await call('POST', '/api/accounts', { customer_id: id, name: email, status: 'active' });
    else if (kind === 3) await call('PUT', `/api/customers/${id}`, { name: email, email: `${id}@example.com` });
    else if (id !== stage.customer.id) {
      ids.splice(ids.indexOf(id), 1);
      await call('DELETE', `/api/customers/${id}`);
    }
  }
}

/** Reads by pages until it is told to stop and nothing is left. */
async function readPages(after: string, isOver: () => boolean): Promise<{ events: ToldEvent[]; cursor: string }> {
  const events: ToldEvent[] = [];
  let cursor = after;
  for (let quiet = 0; quiet < 5; ) {
    const wasOver = isOver();
    const answer = await call('GET', `/api/events?after=${cursor}&limit=50`);
    if (answer?.status !== 200) {
      await sleep(50);
      continue;
    }
    const page = answer.json<EventList>();
    events.push(...page.events);
    cursor = page.next_cursor;
    quiet = wasOver && page.events.length === 0 ? quiet + 1 : 0;
    if (!page.has_more) await sleep(quiet > 0 ? 100 : 10);
  }
  return { events, cursor };
}

/** Reads a stream, and the next one where it ends, from the last event on. */
async function readStreams(after: string, isOver: () => boolean): Promise<ToldEvent[]> {
  const events: ToldEvent[] = [];
  let last = after;
  for (let turn = 0; !isOver(); turn += 1) {
    const source = new EventSource(`${apis[turn % apis.length]?.url}/api/events/stream`, token(), last);
    await source.opened.catch(() => sleep(50));
    while (!isOver() && (await Promise.race([source.ended.then(() => true), sleep(50)])) !== true);
    source.close();
    events.push(...source.events);
    last = source.lastId ?? last;
  }
  return events;
}

const keyOf = ({ type, entity_id, occurred_at, after }: ToldEvent) =>
  `${type} ${entity_id} ${occurred_at} ${JSON.stringify(after)}`;

/** Each change of a row begins where the one before has ended. */
function expectChains(events: ToldEvent[]): void {
  const rows = new Map<string, unknown>();
  for (const { entity, entity_id, before, after } of events) {
    const key = `${entity} ${entity_id}`;
    if (rows.has(key)) expect([key, before]).toEqual([key, rows.get(key)]);
    rows.set(key, after);
  }
}

it('under sixteen writers, a killed and a restarted process, pages and streams miss nothing, repeat nothing, keep the order; a promotion is told and then gone on from', async () => {
  const start = (await call('GET', '/api/events'))?.json<EventList>().next_cursor ?? '';
  let areWriting = true;
  let areReading = true;
  const pages = readPages(start, () => !areReading);
  const streams = readStreams(start, () => !areReading);
  const writers = Array.from({ length: WRITERS }, (_, n) => write(n, () => !areWriting));
  await sleep(PART_MS);
  process.kill(stage.api.pid, 'SIGKILL');
  const environment = { DATABASE_URL: stage.cluster.primary.url, ANALYTICS_DB_URL: stage.follower.url };
  const replacement = await startApi(environment);
  started.push(replacement);
  await waitUntilReady(replacement);
  apis = [replacement, apis[1] as ApiProcess];
  await sleep(PART_MS);
  await stage.apis[1]?.stop();
  apis = [replacement];
  await sleep(PART_MS);
  areWriting = false;
  await Promise.all(writers);
  await stage.untilCaughtUp();
  await sleep(1_000);
  areReading = false;

  const { events, cursor } = await pages;
  const written = await stage.sql<{ key: string; seq: string }>(
    `SELECT type || ' ' || entity_id AS key, seq FROM events WHERE organization_id = $1 AND type <> 'balance.opened'
     ORDER BY epoch, xid, events.seq`,
    [stage.admin.organizationId],
  );
  const told = events.map(({ type, entity_id }) => `${type} ${entity_id}`);
  expect(told.length).toBeGreaterThan(200);
  expect(told).toEqual(written.slice(-told.length).map(({ key }) => key));
  expect(new Set(events.map(keyOf)).size).toBe(told.length);
  expectChains(events);
  const streamed = await streams;
  expect(streamed.map(keyOf)).toEqual(events.map(keyOf));

  await signalServer(stage.cluster.primary, 'SIGKILL');
  await ask(stage.follower.url, 'SELECT pg_promote()');
  await replacement.stop();
  const successor = await startApi({ DATABASE_URL: stage.follower.url });
  started.push(successor);
  await waitUntilReady(successor);
  apis = [successor];
  const reset = await call('GET', `/api/events?after=${cursor}`);
  expect([reset?.status, reset?.json().code]).toEqual([410, 'cursor_reset']);
  const refused = new EventSource(`${successor.url}/api/events/stream`, token(), cursor);
  await refused.opened;
  expect(refused.status).toBe(410);
  const onwards = new EventSource(`${successor.url}/api/events/stream`, token(), String(reset?.json().next_cursor));
  await onwards.opened;
  const made = (await call('POST', '/api/customers', { name: 'After', email: 'after@example.com' }))?.json();
  await eventually(() => expect(onwards.events.map(({ entity_id }) => entity_id)).toEqual([made?.id]));
  const page = (await call('GET', `/api/events?after=${reset?.json().next_cursor}`))?.json<EventList>();
  expect(page?.events.map(({ after }) => after)).toEqual([made]);
  onwards.close();
});
