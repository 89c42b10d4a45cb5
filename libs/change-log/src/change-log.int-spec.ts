import { finished } from 'node:stream/promises';
import { PrimaryDatabase, TransactionRunner } from '@app/database';
import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { untilLogSettled } from '../../../test/support/settled-log.js';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { ChangeLogModule } from './change-log.module.js';
import { ChangeLogService } from './change-log.service.js';
import { decodeEventCursor, encodeEventCursor } from './event-cursor.js';
import { UndoService } from './undo/undo.service.js';

const INSERT = `INSERT INTO customers (organization_id, name, email) VALUES ($1, 'Ada', $2) RETURNING id`;
const RENAME = 'UPDATE customers SET name = $2 WHERE id = $1';

interface Told {
  type: string;
  entity_id: number;
  actor: { type: string; id: number | null; name: string | null };
  request_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

describe('the change log', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let transactions: TransactionRunner;
  let log: ChangeLogService;
  let organization: number;
  let start: string;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database, [ChangeLogModule]);
    primary = context.get(PrimaryDatabase);
    transactions = context.get(TransactionRunner);
    log = context.get(ChangeLogService);
  });
  beforeEach(async () => {
    const [row] = await primary.query<{ id: number }>(`INSERT INTO organizations (name) VALUES ('Test') RETURNING id`);
    organization = row?.id ?? 0;
    await begin();
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const begin = async () => {
    await untilLogSettled(primary);
    start = await log.now(organization);
  };
  const told = async (): Promise<Told[]> => {
    await untilLogSettled(primary);
    return (await log.read(organization, { after: start, limit: 200 })).events.map(({ json }) => JSON.parse(json));
  };
  const names = async () => (await told()).map(({ type, entity_id }) => `${type} ${entity_id}`);
  const insert = async (email: string) => {
    return (await primary.write<{ id: number }>(organization, INSERT, [organization, email]))[0]?.id ?? 0;
  };
  const insertAccounts = async (customer: number, count: number) => {
    const text = `INSERT INTO accounts (organization_id, customer_id, name, status)
      SELECT $1, $2, 'Account ' || n, 'active' FROM generate_series(1, $3::int) n RETURNING id`;
    return (await primary.write<{ id: number }>(organization, text, [organization, customer, count])).map(
      ({ id }) => id,
    );
  };

  test('tells who changed what, for which request, and what was there before and after', async () => {
    const actor = { type: 'user', id: '7', name: 'Zoë \u{1F600}' } as const;
    const id = await runInContext({ requestId: 'request-1', actor }, () => insert('ada@example.com'));
    await runInContext({ requestId: 'request-2' }, () =>
      transactions.run(() => primary.write(organization, `UPDATE customers SET name = 'Eve' WHERE id = $1`, [id])),
    );

    const [created, updated] = await told();
    expect(created).toMatchObject({
      type: 'customer.created',
      entity: 'customer',
      entity_id: id,
      actor: { type: 'user', id: 7, name: 'Zoë \u{1F600}' },
      request_id: 'request-1',
      before: null,
      after: { id, name: 'Ada', email: 'ada@example.com' },
    });
    expect(updated).toMatchObject({
      type: 'customer.updated',
      actor: { type: 'system', id: null, name: null },
      request_id: 'request-2',
      before: created?.after,
      after: { ...created?.after, name: 'Eve' },
    });
  });

  test('tells each row that COPY brings', async () => {
    const client = new pg.Client({ connectionString: database.primaryUrl });
    await client.connect();
    const stream = client.query(copyFrom('COPY customers (organization_id, name, email) FROM STDIN'));
    stream.end(`${organization}\tFirst\tfirst@example.com\n${organization}\tSecond\tsecond@example.com\n`);
    await finished(stream).finally(() => client.end());

    const events = await told();
    expect(events.map(({ type, after }) => [type, after?.name, after?.email])).toEqual([
      ['customer.created', 'First', 'first@example.com'],
      ['customer.created', 'Second', 'second@example.com'],
    ]);
  });

  test('never tells one caller on a connection that another one had before, whatever fails', async () => {
    const actor = { type: 'user', id: '7', name: 'Ada' } as const;
    await runInContext({ requestId: 'one', actor }, async () => {
      await insert('a@example.com');
      await insert('a@example.com').catch(() => undefined);
      await transactions.run(() => insert('b@example.com'));
      await transactions.run(() => Promise.reject(new Error('stop'))).catch(() => undefined);
    });
    const email = (n: number) => `n${n}@example.com`;
    const direct = `INSERT INTO customers (organization_id, name, email) VALUES ($1, 'Direct', $2)`;
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        n % 2 === 0
          ? runInContext({ requestId: email(n), actor: { ...actor, name: email(n) } }, () => insert(email(n)))
          : primary.query(direct, [organization, email(n)]),
      ),
    );

    for (const event of (await told()).slice(2)) {
      const mail = String(event.after?.email);
      const isDirect = event.after?.name === 'Direct';
      expect([event.actor.name, event.request_id]).toEqual(isDirect ? [null, null] : [mail, mail]);
    }
  });

  test('tells the accounts of a customer that is deleted before the customer, in one statement of many as well', async () => {
    const [first, second] = [await insert('a@example.com'), await insert('b@example.com')];
    const [one, two] = await insertAccounts(first, 2);
    const [three] = await insertAccounts(second, 1);
    await begin();
    await primary.query('DELETE FROM customers WHERE organization_id = $1', [organization]);

    const order = await names();
    expect([...order].sort()).toEqual(
      [
        ...[one, two, three].map((id) => `account.deleted ${id}`),
        ...[first, second].map((id) => `customer.deleted ${id}`),
      ].sort(),
    );
    for (const id of [one, two])
      expect(order.indexOf(`account.deleted ${id}`)).toBeLessThan(order.indexOf(`customer.deleted ${first}`));
    expect(order.indexOf(`account.deleted ${three}`)).toBeLessThan(order.indexOf(`customer.deleted ${second}`));
  });

  test('tells nothing of what nobody can see', async () => {
    const text = `INSERT INTO users (username, password_hash, organization_id, role) VALUES ($1, 'secret-hash', $2, 'admin')`;
    await primary.query(text, [`user-${organization}`, organization]);
    const id = await insert('a@example.com');
    await begin();
    await primary.query(`UPDATE users SET password_hash = 'other' WHERE organization_id = $1`, [organization]);
    await primary.query('UPDATE customers SET name = name, updated_at = updated_at WHERE id = $1', [id]);
    await primary.query(`UPDATE customers SET name = 'x' WHERE id = -1`);
    await primary.query('DELETE FROM accounts WHERE customer_id = $1', [id]);
    expect(await told()).toEqual([]);
    await untilLogSettled(primary);
    const { events } = await log.read(organization, { types: ['user.*'], limit: 10 });
    expect(events).toHaveLength(1);
    expect(events[0]?.json).not.toContain('secret-hash');
  });

  test('tells an upsert as what it did to each row, and a changed id or organization as one that went and one that came', async () => {
    const id = await insert('a@example.com');
    const other = (
      await primary.query<{ id: number }>(`INSERT INTO organizations (name) VALUES ('Other') RETURNING id`)
    )[0]?.id;
    await begin();
    await primary.query(
      `INSERT INTO customers (organization_id, name, email) VALUES ($1, 'New', 'a@example.com'), ($1, 'Next', 'b@example.com')
       ON CONFLICT (organization_id, email) DO UPDATE SET name = excluded.name`,
      [organization],
    );
    expect((await names()).sort()).toEqual([expect.stringContaining('customer.created'), `customer.updated ${id}`]);
    await begin();
    await primary.query('UPDATE customers SET organization_id = $2 WHERE id = $1', [id, other]);
    expect(await names()).toEqual([`customer.deleted ${id}`]);
    await untilLogSettled(primary);
    const { events } = await log.read(other ?? 0, { types: ['customer.*'], limit: 10 });
    expect(events.map(({ type }) => type)).toEqual(['customer.created']);
  });

  test('holds back what is behind an open transaction, and then tells it in order', async () => {
    await withStranger(async (stranger) => {
      await stranger.query('BEGIN');
      await stranger.query(INSERT, [organization, 'slow@example.com']);
      const quick = await insert('quick@example.com');
      const held = await log.read(organization, { after: start, limit: 10 });
      expect(held.events).toEqual([]);
      await stranger.query('COMMIT');
      await untilLogSettled(primary);
      const rest = await log.read(organization, { after: held.nextCursor, limit: 10 });
      expect(rest.events.map(({ json }) => JSON.parse(json).after.email)).toEqual([
        'slow@example.com',
        'quick@example.com',
      ]);
      expect((await names()).at(-1)).toBe(`customer.created ${quick}`);
    });
  });

  test('tells the changes of one row in their order, even of a transaction that was there first and wrote it last', async () => {
    const id = await insert('a@example.com');
    await begin();
    await withStranger(async (stranger) => {
      await stranger.query('BEGIN');
      await stranger.query(INSERT, [organization, 'takes its number@example.com']);
      await primary.write(organization, RENAME, [id, 'first']);
      await stranger.query(RENAME, [id, 'second']);
      await primary.write(organization, INSERT, [organization, 'goes on@example.com']);
      await stranger.query('COMMIT');
    });
    await primary.write(organization, RENAME, [id, 'third']);
    const changes = (await told()).filter(({ entity_id }) => entity_id === id);
    expect(changes.map(({ after }) => after?.name)).toEqual(['first', 'second', 'third']);
  });

  test('refuses a cursor that it can not have given, since it lies ahead of everything', async () => {
    const now = decodeEventCursor(await log.now(organization));
    const made = [
      { ...now, xid: now.xid + 1_000_000n },
      { ...now, current: now.current + 1 },
      { ...now, current: now.current + 1, epoch: now.current + 1 },
    ];
    for (const cursor of made) {
      const read = log.read(organization, { after: encodeEventCursor(cursor), limit: 1 });
      await expect(read).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
  });

  test('takes one of a lost history for that, though nothing has been written since the promotion', async () => {
    const now = decodeEventCursor(await log.now(organization));
    await primary.query(`UPDATE change_log_epochs SET timeline = 'another'`);
    const read = log.read(organization, { after: encodeEventCursor({ ...now, xid: now.xid + 1_000_000n }), limit: 1 });
    await expect(read).rejects.toMatchObject({ code: 'cursor_reset' });
  });

  test('refuses an undo of what was no deletion: a row that has another id now', async () => {
    const id = await insert('moved@example.com');
    await begin();
    await primary.query('UPDATE customers SET id = 1000000 + id WHERE id = $1', [id]);
    await untilLogSettled(primary);
    const { events } = await log.read(organization, { after: start, types: ['customer.deleted'], limit: 1 });
    const undo = context.get(UndoService).undo(organization, events[0]?.cursor ?? '');
    await expect(undo).rejects.toMatchObject({ code: 'event_not_undoable' });
  });

  describe('of events that grow old', () => {
    const age = (interval: string, whose = '') =>
      primary.query(`UPDATE events SET logged_at = logged_at - $2::interval WHERE organization_id = $1 ${whose}`, [
        organization,
        interval,
      ]);
    const readOne = (after?: string) =>
      log.read(organization, { limit: 1, entity: 'customer', ...(after === undefined ? {} : { after }) });
    const emailOf = async (page: ReturnType<typeof readOne>) => {
      const { events, nextCursor } = await page;
      return { nextCursor, email: events.map(({ json }) => JSON.parse(json).after.email).join() };
    };

    beforeEach(async () => {
      await age('40 days');
      for (const minutes of [30, 10, -10, -30]) {
        await insert(`${minutes}@example.com`);
        await age(`30 days ${minutes} minutes`, `AND after ->> 'email' = '${minutes}@example.com'`);
      }
      await untilLogSettled(primary);
    });

    test('serves those of thirty days, and takes the cursors that it has just given', async () => {
      const first = await emailOf(readOne());
      expect(first.email).toBe('-10@example.com');
      expect(await emailOf(readOne(first.nextCursor))).toMatchObject({ email: '-30@example.com' });
      await age('50 minutes');
      expect(await emailOf(readOne(first.nextCursor))).toMatchObject({ email: '-30@example.com' });
      await age('50 minutes');
      await expect(readOne(first.nextCursor)).rejects.toMatchObject({ code: 'cursor_expired' });
    });

    test('never passes over what has gone since it said where to go on', async () => {
      await age('2 days', `AND after ->> 'email' <> '-30@example.com'`);
      const old = encodeEventCursor({ ...decodeEventCursor(start), at: 0 });
      const refused = await log.read(organization, { limit: 1, after: old }).catch((error) => error);
      expect(refused).toMatchObject({ code: 'cursor_expired', nextCursor: expect.any(String) });
      const { nextCursor } = refused;
      expect(await emailOf(readOne(nextCursor))).toMatchObject({ email: '-30@example.com' });
      await age('1 day');
      await expect(readOne(nextCursor)).rejects.toMatchObject({ code: 'cursor_expired' });
    });

    test('nor after it has looked through thousands for the few that were asked for', async () => {
      await primary.query(
        `INSERT INTO customers (organization_id, name, email) SELECT $1, 'Many', i || '@many' FROM generate_series(1, 6000) i`,
        [organization],
      );
      await age('29 days 23 hours', `AND after ->> 'name' = 'Many'`);
      await untilLogSettled(primary);
      const page = await log.read(organization, { types: ['customer.deleted'], limit: 1 });
      expect(page).toMatchObject({ events: [], hasMore: true });
      await age('3 hours');
      const rest = log.read(organization, { types: ['customer.deleted'], limit: 1, after: page.nextCursor });
      await expect(rest).rejects.toMatchObject({ code: 'cursor_expired' });
    });
  });

  /** Another program, with a connection of its own. */
  async function withStranger(work: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client({ connectionString: database.primaryUrl });
    await client.connect();
    await work(client).finally(() => client.end());
  }
});
