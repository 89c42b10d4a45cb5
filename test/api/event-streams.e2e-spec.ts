import jwt from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { EventSource } from '../events/support/event-source.js';
import { type ApiStage, JWT_SECRET, openApiStage } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';

let stage: ApiStage;
let admin: Person;
const sources: EventSource[] = [];
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterEach(() => {
  for (const source of sources.splice(0)) source.close();
});
afterAll(() => stage?.close());

const open = async (query = '', lastEventId?: string, token = admin.token) => {
  const source = new EventSource(`${stage.api.url}/api/events/stream?${query}`, token, lastEventId);
  sources.push(source);
  await source.opened;
  return source;
};
const make = async (name: string, person = admin) => {
  const json = { name, email: `${name}@example.com` };
  return (await stage.call('POST', '/api/customers', { token: person.token, json })).json();
};
const namesOf = ({ events }: EventSource) => events.map(({ after }) => after?.name);
const openStreams = async () =>
  Number(/^event_streams\{?[^\n]* (\d+)$/m.exec((await stage.call('GET', '/metrics')).text)?.[1]);

it('tells events as they happen, to each stream what it wants, and nothing of other organizations', async () => {
  const [all, accounts] = [await open(), await open('type=account.*')];
  expect([all.status, all.headers['content-type'], all.headers['x-accel-buffering']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    'no',
  ]);
  const stranger = await registerAdmin(stage);
  await make('hidden', stranger);
  const customer = await make('first');
  const json = { customer_id: customer.id, name: 'Main', status: 'active' };
  await stage.call('POST', '/api/accounts', { token: admin.token, json });
  await eventually(() => expect(accounts.events).toHaveLength(1));
  await eventually(() => expect(namesOf(all)).toEqual(['first', 'Main']));
  expect(all.events[0]).toMatchObject({ type: 'customer.created', after: customer, actor: { id: admin.id } });
  expect(namesOf(accounts)).toEqual(['Main']);
});

it('refuses a place that lies ahead of the log, and takes an empty Last-Event-ID for none', async () => {
  const { next_cursor: cursor } = (await stage.call('GET', '/api/events', { token: admin.token })).json();
  const [version, current, epoch, , ...rest] = Buffer.from(String(cursor), 'base64url').toString().split('.');
  const ahead = Buffer.from([version, current, epoch, '9000000000000000000', ...rest].join('.')).toString('base64url');
  for (const path of [`/api/events?after=${ahead}`, `/api/events/stream?after=${ahead}`, '/api/events/stream?after=']) {
    const answer = await stage.call('GET', path, { token: admin.token });
    expect([answer.status, answer.json().code], path).toEqual([400, 'invalid_cursor']);
  }
  await make('earlier');
  const source = await open(`after=${cursor}`, '');
  await eventually(() => expect(namesOf(source)).toEqual(['earlier']));
});

it('goes on behind the last event that a client has seen, without a gap and without repeating any', async () => {
  const before = await open();
  await make('one');
  await eventually(() => expect(namesOf(before)).toEqual(['one']));
  before.close();
  for (let n = 0; n < 250; n += 1) await make(`more-${n}`);
  const again = await open('', before.lastId);
  const byQuery = await open(`after=${before.lastId}&limit=7`);
  await make('last');
  const expected = [...Array.from({ length: 250 }, (_, n) => `more-${n}`), 'last'];
  await eventually(() => expect(namesOf(again).at(-1)).toBe('last'));
  await eventually(() => expect(namesOf(byQuery).at(-1)).toBe('last'));
  expect(namesOf(again)).toEqual(expected);
  expect(namesOf(byQuery)).toEqual(expected);
});

it('refuses a bad cursor before it begins, and too many streams of one organization', async () => {
  expect((await open('', 'no cursor')).status).toBe(400);
  const person = await registerAdmin(stage);
  const own = await Promise.all(Array.from({ length: 50 }, () => open('', undefined, person.token)));
  expect(own.map(({ status }) => status)).toEqual(Array(50).fill(200));
  const refused = await open('', undefined, person.token);
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '5']);
  expect((await open()).status).toBe(200);
  own[0]?.close();
  await eventually(async () => expect((await open('', undefined, person.token)).status).toBe(200));
  await make('for-all', person);
  await eventually(() => expect(own.slice(1).map(namesOf)).toEqual(Array(49).fill(['for-all'])));
});

it('ends when the token does, and forgets a client that has left', async () => {
  const payload = jwt.decode(admin.token) as Record<string, unknown>;
  const { header } = jwt.decode(admin.token, { complete: true }) as { header: jwt.JwtHeader };
  const expiring = jwt.sign({ ...payload, exp: Math.floor(Date.now() / 1000) + 2 }, JWT_SECRET, { header });
  const source = await open('', undefined, expiring);
  expect(source.status).toBe(200);
  await source.ended;
  await eventually(async () => expect(await openStreams()).toBe(0));
});

it('ends cleanly when the process stops, long before it would be killed', async () => {
  const source = await open();
  const startedAt = performance.now();
  await stage.api.stop();
  await source.ended;
  expect(source.body).toMatch(/^retry: \d+\n\n/);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
