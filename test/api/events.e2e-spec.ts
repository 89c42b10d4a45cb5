import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMember, type Person, registerAdmin } from '../builders/people.builder.js';
import type { ToldEvent } from '../events/support/event-source.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { untilLogSettled } from '../support/settled-log.js';

interface EventList {
  events: ToldEvent[];
  next_cursor: string;
  has_more: boolean;
}

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const call = (method: string, path: string, json?: unknown, person = admin) =>
  stage.call(method, path, { token: person.token, json, headers: { 'x-request-id': `${method}.${path.length}` } });
const settle = () => untilLogSettled({ query: (text, values) => stage.sql(text as string, values as unknown[]) });
const list = async (query = '', path = '/api/events') => {
  await settle();
  // As fresh as the primary, whatever the follower has replayed by now.
  const headers = { 'x-read-preference': 'primary' };
  const answer = await stage.call('GET', `${path}?${query}`, { token: admin.token, headers });
  expect(answer.status).toBe(200);
  return answer.json<EventList>();
};
const makeCustomer = async (email: string) => (await call('POST', '/api/customers', { name: 'Ada', email })).json();
const makeAccount = async (customer_id: unknown) =>
  (await call('POST', '/api/accounts', { customer_id, name: 'Main', status: 'active' })).json();

describe('GET /api/events', () => {
  it('tells of webhooks only to who may see them', async () => {
    const { next_cursor: after } = await list();
    const url = 'https://chat.example.com/hooks/secret';
    expect((await call('POST', '/api/webhooks', { url, event_types: ['*'] })).status).toBe(201);
    const path = `/api/events?after=${after}&type=webhook.*`;
    const viewer = await addMember(stage, admin.organizationId, 'viewer');
    await settle();
    const answerFor = async ({ token }: Person) =>
      (await stage.call('GET', path, { token, headers: { 'x-read-preference': 'primary' } })).text;
    expect(await answerFor(admin)).toContain(url);
    expect(await answerFor(viewer)).toMatch(/^\{"events":\[\],/);
  });

  it('tells who did what for which request, with the bytes that GET answers before and after', async () => {
    const { next_cursor: after } = await list();
    const created = await call('POST', '/api/customers', { name: 'Zoë "Q" \u{1F600}', email: 'zoe@example.com' });
    const { id } = created.json();
    const path = `/api/customers/${id}`;
    const updated = await call('PUT', path, { name: 'Zoë', email: 'zoe@example.com' });
    await call('DELETE', path);
    const { events, has_more } = await list(`after=${after}`);
    const actor = { type: 'user', id: admin.id, name: admin.username };
    const shared = { entity: 'customer', entity_id: id, actor };
    expect(events).toMatchObject([
      { ...shared, type: 'customer.created', request_id: 'POST.14', before: null, after: created.json() },
      {
        ...shared,
        type: 'customer.updated',
        request_id: `PUT.${path.length}`,
        before: created.json(),
        after: updated.json(),
      },
      { ...shared, type: 'customer.deleted', request_id: `DELETE.${path.length}`, before: updated.json(), after: null },
    ]);
    expect(has_more).toBe(false);
    expect(events[0]?.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const raw = await stage.call('GET', `/api/events?after=${after}`, { token: admin.token });
    expect(raw.text).toContain(`"after":${created.text}`);
  });

  it('pages without a gap, by type, by kind, by entity, and says where to go on when nothing is left', async () => {
    const { next_cursor: start } = await list();
    const customer = await makeCustomer('pages@example.com');
    const accounts = [await makeAccount(customer.id), await makeAccount(customer.id), await makeAccount(customer.id)];
    await call('DELETE', `/api/accounts/${accounts[0]?.id}`);
    const whole = await list(`after=${start}`);
    expect(whole.events.map(({ type }) => type)).toEqual([
      'customer.created',
      ...Array(3).fill('account.created'),
      'account.deleted',
    ]);
    const paged: ToldEvent[] = [];
    let page = await list(`after=${start}&limit=2`);
    for (; page.has_more; page = await list(`after=${page.next_cursor}&limit=2`)) paged.push(...page.events);
    expect([...paged, ...page.events]).toEqual(whole.events);
    const types = async (query: string) => (await list(`after=${start}&${query}`)).events.map(({ type }) => type);
    expect(await types('type=account.deleted,customer.*')).toEqual(['customer.created', 'account.deleted']);
    expect(await types('type=*&limit=1')).toEqual(['customer.created']);
    expect(await types('entity=customer')).toEqual(['customer.created']);
    expect(await types(`entity=account&entity_id=${accounts[0]?.id}`)).toEqual(['account.created', 'account.deleted']);
    expect(await types(`entity=account&entity_id=${accounts[0]?.id}&type=account.created`)).toEqual([
      'account.created',
    ]);
    const none = await list(`after=${start}&type=user.*`);
    expect(none.events).toEqual([]);
    expect((await list(`after=${none.next_cursor}`)).events).toEqual([]);
    const history = await list('', `/api/accounts/${accounts[0]?.id}/events`);
    expect(history.events.map(({ type }) => type)).toEqual(['account.created', 'account.deleted']);
    expect((await list('', `/api/customers/${customer.id}/events`)).events).toHaveLength(1);
  });

  it('refuses what makes no sense, and shows nothing of other organizations', async () => {
    const stranger = await registerAdmin(stage);
    await settle();
    for (const query of [
      'after=x',
      'after=',
      'limit=0',
      'limit=1001',
      'type=nonsense',
      'type=a.b;c',
      'entity_id=1',
      'entity=A',
    ]) {
      expect([query, (await call('GET', `/api/events?${query}`)).status]).toEqual([query, 400]);
    }
    expect(
      (await call('GET', '/api/events', undefined, stranger)).json<EventList>().events.map(({ type }) => type),
    ).toEqual(['organization.created', 'user.created']);
    expect((await call('GET', '/api/customers/99999999999/events')).json<EventList>().events).toEqual([]);
  });

  it('is read from the follower, and holds what its reader has written', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { next_cursor: after } = await list();
      const made = await call('POST', '/api/customers', { name: 'Own', email: `own-${round}@example.com` });
      await settle();
      const headers = { 'x-consistency-token': String(made.headers['x-consistency-token']) };
      const answer = await stage.call('GET', `/api/events?after=${after}`, { token: admin.token, headers });
      expect(answer.json<EventList>().events.map(({ entity_id }) => entity_id)).toEqual([made.json().id]);
      expect(['follower', 'primary']).toContain(answer.headers['x-db-route']);
    }
    const answer = await stage.call('GET', '/api/events', { token: admin.token });
    expect(answer.headers['x-db-route']).toBe('follower');
  });

  it('answers 410 with a way on to a cursor of another history and to one that misses something', async () => {
    const { next_cursor: after } = await list();
    const parts = Buffer.from(after, 'base64url').toString().split('.');
    await stage.sql(
      `UPDATE events SET logged_at = now() - interval '40 days' WHERE organization_id = $1 AND type LIKE 'user.%'`,
      [admin.organizationId],
    );
    const old = Buffer.from([...parts.slice(0, 2), '1', '3', '0', '1000'].join('.')).toString('base64url');
    const fresh = { token: admin.token, headers: { 'x-read-preference': 'primary' } };
    const expired = await stage.call('GET', `/api/events?after=${old}`, fresh);
    expect([expired.status, expired.json().code]).toEqual([410, 'cursor_expired']);
    const onwards = await list(`after=${expired.json().next_cursor}`);
    expect(onwards.events.map(({ type }) => type)).toEqual((await list()).events.map(({ type }) => type));
    expect(onwards.events.length).toBeGreaterThan(0);

    await stage.sql(`UPDATE change_log_epochs SET timeline = 'another'`);
    await makeCustomer('epoch@example.com');
    await settle();
    const reset = await stage.call('GET', `/api/events?after=${after}`, fresh);
    expect([reset.status, reset.json().code]).toEqual([410, 'cursor_reset']);
    const next = await list(`after=${reset.json().next_cursor}`);
    expect(next.events.map(({ after }) => after?.email)).toEqual(['epoch@example.com']);
  });
});

describe('POST /api/events/:cursor/undo', () => {
  const lastOf = async (type: string) => (await list(`type=${type}&limit=1000`)).events.at(-1);
  const undo = (event: ToldEvent | undefined, person = admin) =>
    call('POST', `/api/events/${event?.cursor}/undo`, {}, person);

  it('brings a customer back with the accounts that went with it, under their ids and with their times', async () => {
    const customer = await makeCustomer('undo@example.com');
    const [first, second] = [await makeAccount(customer.id), await makeAccount(customer.id)];
    await call('DELETE', `/api/accounts/${first?.id}`);
    await call('DELETE', `/api/customers/${customer.id}`);
    const deletion = await lastOf('customer.deleted');
    const answer = await undo(deletion);
    expect([answer.status, answer.json()]).toEqual([
      200,
      { entity: 'customer', entity_id: customer.id, customers: 1, accounts: 1 },
    ]);
    expect((await call('GET', `/api/customers/${customer.id}`)).json()).toEqual(customer);
    expect((await call('GET', `/api/accounts/${second?.id}`)).json()).toEqual(second);
    expect((await call('GET', `/api/accounts/${first?.id}`)).status).toBe(404);
    expect(await lastOf('customer.created')).toMatchObject({ entity_id: customer.id, after: customer, before: null });
    expect((await undo(deletion)).json().code).toBe('undo_conflict');
  });

  it('refuses where an address is taken, a customer gone, an event no deletion or none at all', async () => {
    const customer = await makeCustomer('taken@example.com');
    const account = await makeAccount(customer.id);
    const creation = await lastOf('customer.created');
    await call('DELETE', `/api/accounts/${account.id}`);
    const ofAccount = await lastOf('account.deleted');
    await call('DELETE', `/api/customers/${customer.id}`);
    const ofCustomer = await lastOf('customer.deleted');
    await makeCustomer('taken@example.com');
    const codes = [];
    for (const event of [creation, ofAccount, ofCustomer]) codes.push((await undo(event)).json().code);
    expect(codes).toEqual(['event_not_undoable', 'customer_gone', 'email_taken']);
    expect((await call('POST', '/api/events/none/undo', {})).json().code).toBe('invalid_cursor');
    const [viewer, stranger] = [await addMember(stage, admin.organizationId, 'viewer'), await registerAdmin(stage)];
    expect((await undo(ofCustomer, viewer)).status).toBe(403);
    expect((await undo(ofCustomer, stranger)).json().code).toBe('event_not_found');
  });
});
