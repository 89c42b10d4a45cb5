import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../../../../test/migrations/go-database.js';
import { eventually } from '../../../../test/support/eventually.js';
import { lockTable } from '../../../../test/support/table-lock.js';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { DrainedFollowers } from './drained-followers.service.js';

const SECOND_MS = 1_000;
const SOON_MS = 2_500;

describe('drained followers', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let drained: DrainedFollowers;
  const told: string[] = [];
  const sql = (text: string) => rowsOf(database.primaryUrl, text);
  const isSoon = (isDrained: boolean) =>
    eventually(() => expect(drained.isDrained('follower-1')).toBe(isDrained), SOON_MS);

  beforeAll(async () => {
    database = await createJobDatabase();
    await sql(`INSERT INTO drained_followers (follower) VALUES ('follower-1')`);
    context = await openLibraries(database, [], { ANALYTICS_DB_URL: database.followerUrl });
    drained = context.get(DrainedFollowers);
  });
  beforeEach(async () => {
    await sql(`INSERT INTO drained_followers (follower) VALUES ('follower-1') ON CONFLICT DO NOTHING`);
    await isSoon(true);
    told.length = 0;
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  it('are known by the time the process is ready', async () => {
    const second = await openLibraries(database, [], { ANALYTICS_DB_URL: database.followerUrl });
    try {
      expect(second.get(DrainedFollowers).isDrained('follower-1')).toBe(true);
      expect(second.get(DrainedFollowers).isDrained('follower-2')).toBe(false);
    } finally {
      await second.close();
    }
  });

  it('are followed from second to second, each change told once', async () => {
    drained.onChange((follower, isDrained) => told.push(`${follower} ${isDrained}`));
    await sql(`INSERT INTO drained_followers (follower) VALUES ('follower-2')`);
    await eventually(() => expect(drained.isDrained('follower-2')).toBe(true), SOON_MS);
    await sql('DELETE FROM drained_followers');
    await isSoon(false);
    await sleep(SECOND_MS + 200);
    expect(told.sort()).toEqual(['follower-1 false', 'follower-2 false', 'follower-2 true']);
  });

  it('stay as they were while the table cannot be read, and by one statement at a time', async () => {
    const release = await lockTable(database.primaryUrl, 'drained_followers');
    const waiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%drained_followers'`;
    try {
      await sleep(3 * SECOND_MS);
      expect(await sql(waiting)).toHaveLength(1);
      expect(drained.isDrained('follower-1')).toBe(true);
    } finally {
      await release();
    }
    await sql('DELETE FROM drained_followers');
    await isSoon(false);
  });

  it('stay as they were while the table is missing', async () => {
    await sql('ALTER TABLE drained_followers RENAME TO put_aside');
    await sleep(SECOND_MS + 200);
    expect(drained.isDrained('follower-1')).toBe(true);
    await sql('ALTER TABLE put_aside RENAME TO drained_followers');
    await sql('DELETE FROM drained_followers');
    await isSoon(false);
  });

  it('are none where there are no followers', async () => {
    const without = await openLibraries(database);
    try {
      await sleep(SECOND_MS + 200);
      expect(without.get(DrainedFollowers).isDrained('follower-1')).toBe(false);
    } finally {
      await without.close();
    }
  });
});
