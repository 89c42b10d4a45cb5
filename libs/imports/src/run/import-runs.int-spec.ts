import { PrimaryDatabase, TransactionRunner } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { ImportsModule } from '../imports.module.js';
import { ImportUploads } from '../upload/import-uploads.service.js';
import { type ImportRun, ImportRuns } from './import-runs.service.js';

const OPTIONS = { entity: 'customers', mode: 'insert', atomic: false, dryRun: false } as const;
const MIB = 1_048_576;

let database: TestDatabase;
let context: INestApplicationContext;
let primary: PrimaryDatabase;

beforeAll(async () => {
  database = await createJobDatabase();
  context = await openLibraries(database, [ImportsModule]);
  primary = context.get(PrimaryDatabase);
  await primary.query(`INSERT INTO organizations (name) VALUES ('A')`);
});
beforeEach(() => primary.query('DELETE FROM customers'));
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

/** An attempt that is ended after some steps, and what it has left behind by then. */
class Attempt implements ImportRun {
  readonly signal: AbortSignal;
  readonly percents: number[] = [];
  result: unknown;
  private readonly aborter = new AbortController();

  constructor(
    public checkpoint: unknown = null,
    private readonly steps = Number.POSITIVE_INFINITY,
  ) {
    this.signal = this.aborter.signal;
  }

  async reportProgress(): Promise<void> {}

  async step<T>(effect: () => Promise<T>, note: (result: T) => { checkpoint: object; percent: number }): Promise<T> {
    this.signal.throwIfAborted();
    const result = await context.get(TransactionRunner).run(effect);
    const { checkpoint, percent } = note(result);
    this.checkpoint = checkpoint;
    this.percents.push(percent);
    if (this.percents.length >= this.steps) this.abort();
    return result;
  }

  async complete(effect: () => Promise<unknown>): Promise<void> {
    this.result = await context.get(TransactionRunner).run(effect);
  }

  abort(): void {
    this.aborter.abort(new Error('aborted'));
  }
}

/** Uploads a file. */
async function accepted(file: string, options: object = {}): Promise<string> {
  async function* source() {
    yield Buffer.from(file);
  }
  const { id } = await context.get(ImportUploads).receive(1, { ...OPTIONS, ...options }, source());
  const [row] = await primary.query<{ id: string }>('SELECT id FROM imports WHERE job_id = $1', [id]);
  return row?.id ?? '';
}

const run = (importId: string, attempt: Attempt) => context.get(ImportRuns).run(1, importId, attempt);
const names = async () =>
  (await primary.query<{ name: string }>('SELECT name FROM customers ORDER BY id')).map(({ name }) => name);
const report = (importId: string) =>
  primary.query(
    'SELECT line::int, split_part(text, $2, 2) AS code FROM import_rejects WHERE import_id = $1 ORDER BY 1',
    [importId, ','],
  );

describe('an import', () => {
  test('that is ended behind the batch with a line of 10 MB goes on behind that line', async () => {
    const id = await accepted(
      `name,email\nA,a@example.com\n${'x'.repeat(10_000_000)}\nB,b@example.com\nC,c@example.com\n`,
    );
    const first = new Attempt(null, 1);
    await expect(run(id, first)).rejects.toThrow('aborted');

    const second = new Attempt(first.checkpoint);
    await run(id, second);

    expect(second.result).toEqual({ rows: 4, inserted: 3, updated: 0, rejected: 1 });
    expect(await names()).toEqual(['A', 'B', 'C']);
    expect(await report(id)).toEqual([{ line: 3, code: 'line_too_long' }]);
  });

  test('ends within a line that is skipped, when it is to end', async () => {
    const id = await accepted(`name,email\n${'x'.repeat(4 * MIB)}\nB,b@example.com\n`);
    const attempt = new Attempt();
    attempt.abort();
    // Who reads on finds nothing.
    await primary.query('DELETE FROM import_chunks WHERE import_id = $1', [id]);

    await expect(run(id, attempt)).rejects.toThrow('aborted');

    expect(attempt.percents).toEqual([]);
  });

  test.each([false, true])('gets on where there are only empty lines (atomic: %s)', async (atomic) => {
    const id = await accepted(`name,email\nA,a@example.com\n${'\n'.repeat(4 * MIB)}B,b@example.com\n`, { atomic });
    const first = new Attempt(null, 2);
    await expect(run(id, first)).rejects.toThrow('aborted');
    expect(first.checkpoint).toMatchObject({ rows: 1, line: expect.any(Number) });

    const second = new Attempt(first.checkpoint);
    await run(id, second);

    expect(second.result).toEqual({ rows: 2, inserted: 2, updated: 0, rejected: 0 });
    expect(second.percents.length).toBeGreaterThan(1);
    expect(second.percents).toEqual([...new Set(second.percents)].sort((a, b) => a - b));
    expect(await names()).toEqual(['A', 'B']);
  });

  test('of all or none counts its bad lines, of which none landed', async () => {
    const id = await accepted('name,email\nA,a@example.com\nbad,bad\nB,b@example.com\n', { atomic: true });
    const attempt = new Attempt();

    await run(id, attempt);

    expect(attempt.result).toEqual({ rows: 3, inserted: 0, updated: 0, rejected: 1 });
    expect(await names()).toEqual([]);
  });
});
