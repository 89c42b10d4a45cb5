import { setTimeout as sleep } from 'node:timers/promises';
import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilLogSettled } from '../../../test/support/settled-log.js';
import { type TestDatabase, untilFollowerCaughtUp } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { ChangeLogModule } from './change-log.module.js';
import { ChangeLogService } from './change-log.service.js';

const WRITERS = 8;
const ROUNDS = 60;
const SHARED = 12;

interface Seen {
  seq: number;
  id: string;
  type: string;
  /** Of the shared rows: how often it had been written. */
  version: number;
}

/** Each of them on a connection of its own: short and long transactions, some rolled back, over rows that all change. */
async function writeMixed(url: string, organization: number, writer: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const bump = (id: number) =>
    client.query(`UPDATE customers SET name = (name::int + 1)::text WHERE organization_id = $1 AND email = $2`, [
      organization,
      `shared-${id}`,
    ]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const email = `w${writer}-${round}`;
    await client.query('BEGIN');
    await client.query(`INSERT INTO customers (organization_id, name, email) VALUES ($1, '0', $2)`, [
      organization,
      email,
    ]);
    if (round % 3 === 0) await sleep(Math.random() * 12);
    // In the order of their ids, so that nobody waits in a circle.
    const first = Math.floor(Math.random() * (SHARED - 1));
    await bump(first);
    if (round % 5 === 0) await sleep(Math.random() * 8);
    await bump(first + 1);
    await client.query(round % 7 === 6 ? 'ROLLBACK' : 'COMMIT');
  }
  await client.end();
}

describe('readers of the change log under concurrent writers', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let onFollower: INestApplicationContext;
  let sql: PrimaryDatabase;
  let organization: number;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database, [ChangeLogModule]);
    onFollower = await openLibraries(database, [ChangeLogModule], { ANALYTICS_DB_URL: database.followerUrl });
    sql = context.get(PrimaryDatabase);
    const [row] = await sql.query<{ id: number }>(`INSERT INTO organizations (name) VALUES ('Busy') RETURNING id`);
    organization = row?.id ?? 0;
    await sql.query(
      `INSERT INTO customers (organization_id, name, email) SELECT $1, '0', 'shared-' || n FROM generate_series(0, $2::int) n`,
      [organization, SHARED - 1],
    );
    await untilLogSettled(sql);
    await untilFollowerCaughtUp(database);
  });
  afterAll(async () => {
    await onFollower?.close();
    await context?.close();
    await database?.drop();
  });

  /** Follows the log until all is written, and then to its end. */
  async function follow(log: ChangeLogService, after: string, isOver: () => boolean): Promise<string[]> {
    const seen: string[] = [];
    let cursor = after;
    for (let quiet = 0; quiet < 3; ) {
      const wasOver = isOver();
      const page = await log.read(organization, { after: cursor, limit: 7 });
      seen.push(...page.events.map(({ json }) => json));
      cursor = page.nextCursor;
      quiet = wasOver && page.events.length === 0 ? quiet + 1 : 0;
      if (!page.hasMore) await sleep(quiet > 0 ? 200 : 2);
    }
    return seen;
  }

  /** What many a log does: remembers the highest number that it has seen. */
  async function followNumbers(isOver: () => boolean): Promise<Set<string>> {
    const seen = new Set<string>();
    let last = '0';
    for (let quiet = 0; quiet < 3; ) {
      const wasOver = isOver();
      const rows = await sql.query<{ seq: string }>(
        "SELECT seq FROM events WHERE organization_id = $1 AND entity = 'customer' AND seq > $2 ORDER BY seq",
        [organization, last],
      );
      for (const { seq } of rows) seen.add(seq);
      last = rows.at(-1)?.seq ?? last;
      quiet = wasOver && rows.length === 0 ? quiet + 1 : 0;
      await sleep(2);
    }
    return seen;
  }

  test('miss nothing, see nothing twice, and see each row change in its order: on the primary and on the follower', async () => {
    const logs = [context.get(ChangeLogService), onFollower.get(ChangeLogService)];
    const starts = await Promise.all(logs.map((log) => log.now(organization)));
    let isOver = false;
    const numbers = followNumbers(() => isOver);
    const readers = logs.map((log, index) => follow(log, starts[index] ?? '', () => isOver));
    await Promise.all(Array.from({ length: WRITERS }, (_, n) => writeMixed(database.primaryUrl, organization, n)));
    await untilLogSettled(sql);
    await untilFollowerCaughtUp(database);
    isOver = true;

    const written = await sql.query<Seen>(
      `SELECT seq::float8 AS seq, entity_id AS id, type, (after ->> 'name')::int AS version FROM events
       WHERE organization_id = $1 AND entity = 'customer' ORDER BY epoch, xid, events.seq`,
      [organization],
    );
    const expected = written.slice(SHARED).map(({ id, type, version }) => `${type} ${id} ${version}`);
    expect(expected.length).toBeGreaterThan(WRITERS * ROUNDS * 2);
    for (const reader of readers) {
      const told = (await reader).map((json) => JSON.parse(json));
      expect(new Set(told.map(({ cursor }) => cursor)).size).toBe(told.length);
      const names = told
        .filter(({ entity }) => entity === 'customer')
        .map(({ type, entity_id: id, after }) => `${type} ${id} ${after.name}`);
      expect(names.filter((name) => expected.includes(name))).toEqual(expected);
    }
    const versions = new Map<string, number>();
    for (const { id, version } of written.filter(({ type }) => type === 'customer.updated')) {
      expect([id, version]).toEqual([id, (versions.get(id) ?? 0) + 1]);
      versions.set(id, version);
    }
    // The control: with the same writers, a cursor on plain numbers has passed over some of them.
    const missed = written.length - (await numbers).size;
    expect(missed).toBeGreaterThan(0);
  });

  test('would see rows change out of their order if transactions were told by their own ids alone', async () => {
    const [row] = await sql.query<{ wrong: number }>(
      `SELECT count(*)::int AS wrong FROM (
         SELECT (after ->> 'name')::int AS version,
           lag((after ->> 'name')::int) OVER (PARTITION BY entity_id ORDER BY transaction, seq) AS before
         FROM events WHERE organization_id = $1 AND type = 'customer.updated') v WHERE version < before`,
      [organization],
    );
    expect(row?.wrong).toBeGreaterThan(0);
  });
});
