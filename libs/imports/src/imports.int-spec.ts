import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../test/worker/support/job-contexts.js';
import { ImportsModule } from './imports.module.js';
import { ImportsService } from './imports.service.js';

/** Each file has three pieces, two notes and two rejected lines. */
const FILES: [name: string, state: string | null, age: string, what: string][] = [
  ['an upload under way', null, '10 minutes', '3 2 2'],
  ['an upload that was never finished', null, '3 hours', 'gone'],
  ['one that waits', 'waiting', '50 days', '3 2 2'],
  ['one that was cancelled lately', 'cancelled', '6 days', '3 2 2'],
  ['one that was cancelled long ago', 'cancelled', '8 days', '0 0 2'],
  ['one that failed lately', 'failed', '6 days', '3 2 2'],
  ['one that failed long ago', 'failed', '8 days', '0 0 2'],
  ['one whose job is about to go', 'failed', '5000 days', '0 0 0'],
];

describe('of imports', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database, [ImportsModule]);
    primary = context.get(PrimaryDatabase);
    await primary.query(`INSERT INTO organizations (name) VALUES ('A')`);
    for (const [name, state, age] of FILES) await plant(name, state, age);
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  async function plant(name: string, state: string | null, age: string): Promise<void> {
    const [job] =
      state === null
        ? []
        : await primary.query<{ id: string }>(
            `INSERT INTO jobs (organization_id, type, queue, state, max_attempts, payload, finished_at)
             VALUES (1, 'import-customers', 'default', $1, 3, '{}',
               CASE WHEN $1 <> 'waiting' THEN now() - $2::interval END) RETURNING id`,
            [state, age],
          );
    const [file] = await primary.query<{ id: string }>(
      `INSERT INTO imports (organization_id, job_id, entity, mode, atomic, dry_run, columns, data_offset, data_line,
         chunk_bytes, created_at)
       VALUES (1, $1, 'customers', 'insert', false, true, ARRAY[$2], 0, 1, 1, now() - $3::interval) RETURNING id`,
      [job?.id ?? null, name, age],
    );
    await primary.query(`INSERT INTO import_chunks SELECT $1, n, 'x' FROM generate_series(0, 2) AS n`, [file?.id]);
    await primary.query(`INSERT INTO import_trials SELECT $1, n::text FROM generate_series(0, 1) AS n`, [file?.id]);
    await primary.query(`INSERT INTO import_rejects SELECT $1, n, '' FROM generate_series(2, 3) AS n`, [file?.id]);
  }

  test('what nobody needs any more is deleted, a few rows at a time, and nothing else', async () => {
    const service = context.get(ImportsService);
    const counts: number[] = [];
    do counts.push(await service.deleteExpired(4));
    while (counts.at(-1) === 4);

    expect(counts.every((count) => count <= 4)).toBe(true);
    const left = await primary.query<{ name: string; what: string }>(
      `SELECT columns[1] AS name, concat_ws(' ', (SELECT count(*) FROM import_chunks WHERE import_id = id),
         (SELECT count(*) FROM import_trials WHERE import_id = id), (SELECT count(*) FROM import_rejects WHERE import_id = id)) AS what
       FROM imports`,
    );
    const found = new Map(left.map(({ name, what }) => [name, what]));
    expect(FILES.map(([name]) => [name, found.get(name) ?? 'gone'])).toEqual(
      FILES.map(([name, , , what]) => [name, what]),
    );
  });

  test('a report is read in small pieces, however long its lines are', async () => {
    const [file] = await primary.query<{ id: string; job: string }>(
      `SELECT id, job_id AS job FROM imports WHERE job_id IS NOT NULL LIMIT 1`,
    );
    await primary.query(
      `INSERT INTO import_rejects SELECT $1, n, repeat(n::text || ',', 100000) FROM generate_series(11, 40) AS n`,
      [file?.id],
    );

    const pieces: string[] = [];
    for await (const piece of await context.get(ImportsService).report(1, file?.job ?? '')) pieces.push(piece);

    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(1_500_000);
    const lines = pieces.join('').trimEnd().split('\n').slice(1);
    expect(lines.map((line) => line.split(',')[0]).filter((line) => Number(line) > 10)).toEqual(
      Array.from({ length: 30 }, (_, n) => String(n + 11)),
    );
  });
});
