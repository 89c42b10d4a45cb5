import type { INestApplicationContext } from '@nestjs/common';
import type { Queue } from 'bullmq';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.js';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries, openWorker } from '../../../../test/worker/support/job-contexts.js';
import { QueueWorkers } from './queue-workers.service.js';

describe('workers in one process', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  const contexts: INestApplicationContext[] = [];

  beforeAll(async () => {
    database = await createJobDatabase();
    sql = new pg.Pool({ connectionString: database.primaryUrl });
    sql.on('error', () => undefined);
    await sql.query(`INSERT INTO organizations (name) VALUES ('A')`);
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await sql?.end();
    await database?.drop();
  });

  const open = async (): Promise<INestApplicationContext> => {
    const context = await openWorker(database);
    contexts.push(context);
    return context;
  };
  const ask = async (): Promise<string> => {
    const { rows } = await sql.query(
      `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
       VALUES (1, 'aggregate', 'low', 3, '{"organization_id": 1, "date": "2026-01-01"}') RETURNING id`,
    );
    return rows[0].id;
  };
  const until = (id: string, state: string) =>
    eventually(async () => {
      const { rows } = await sql.query('SELECT state, attempts, max_attempts, error FROM jobs WHERE id = $1', [id]);
      expect(rows[0]).toMatchObject({ state });
      return rows[0];
    }, 20_000);

  test('a job that does not end in time is handed back at once and done by another', async () => {
    const first = await open();
    const blocker = await sql.connect();
    await blocker.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE');
    const id = await ask();
    await until(id, 'active');

    await first.get(QueueWorkers).stop(200);

    expect(await until(id, 'waiting')).toMatchObject({ attempts: 1, max_attempts: 4 });
    expect((await sql.query('SELECT state FROM queue.job WHERE id = $1', [id])).rows).toEqual([{ state: 'waiting' }]);
    await blocker.query('COMMIT');
    blocker.release();
    await open();
    await until(id, 'completed');
  });

  test('an entry that names no job is put away and harms no other', async () => {
    const libraries = await openLibraries(database);
    contexts.push(libraries);
    const queue = libraries.get<Queue>('BullQueue_low', { strict: false });
    for (const data of [{}, { id: 'x' }, { id: '0c5fbd8e-6d2f-4ad4-9b5b-2f6a3d1f7c11' }]) await queue.add('odd', data);
    const id = await ask();

    await open();

    await until(id, 'completed');
    await eventually(async () => {
      expect(await queue.getJobCounts('waiting', 'active', 'failed')).toMatchObject({
        waiting: 0,
        active: 0,
        failed: 2,
      });
    });
  });

  test('a job that the queue has given up is run all the same: its row decides', async () => {
    const libraries = await openLibraries(database);
    contexts.push(libraries);
    const id = await ask();
    const queue = libraries.get<Queue>('BullQueue_low', { strict: false });
    await queue.add('aggregate', { id, request_id: null }, { jobId: id });
    // What BullMQ notes for a worker of an older version once a job's workers died too often.
    const note = 'job stalled more than allowable limit';
    await sql.query('UPDATE queue.job SET deferred_failure = $2 WHERE id = $1', [id, note]);

    await open();

    await until(id, 'completed');
  });
});
