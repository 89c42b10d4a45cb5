import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { runCommandLine } from './command-line.js';
import { rowsOf } from './go-database.js';

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
  mkdirSync(join(directory, '.tandem'));
  mkdirSync(join(directory, 'other'));
  const state = (url: string): string => JSON.stringify({ api_url: 'http://127.0.0.1:1', primary_url: url });
  writeFileSync(join(directory, '.tandem', 'state.json'), state(database.primaryUrl));
  writeFileSync(join(directory, 'other', 'state.json'), state('postgres://127.0.0.1:1/gone'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await database.drop();
});

describe('the command line', () => {
  it('migrates the running local stack when no database is named, the queues’ tables too', async () => {
    const outcome = await runCommandLine(['migrate'], {}, { cwd: directory });
    expect(outcome).toMatchObject({ code: 0, error: '' });
    expect(outcome.out).toContain('The schema is up to date');
    expect(await rowsOf(database.primaryUrl, `SELECT to_regclass('queue.migration') IS NOT NULL AS present`)).toEqual([
      { present: true },
    ]);
  });

  it('prefers a data directory given by name to the environment', async () => {
    const outcome = await runCommandLine(
      ['migrate', '--data', 'other'],
      { DATABASE_URL: database.primaryUrl },
      { cwd: directory },
    );
    expect(outcome).toEqual({
      code: 1,
      out: '',
      error: 'The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });

  it('says when the directory given by name has no stack', async () => {
    const outcome = await runCommandLine(['seed', '--data', 'nowhere'], {}, { cwd: directory });
    expect(outcome).toMatchObject({ code: 1, error: expect.stringContaining(join('nowhere', 'state.json')) });
  });

  it.each([[[]], [['migrat']], [['migrate', 'now']], [['seed', '--yes']], [['migrate', '--unknown']]])(
    'answers %j with its usage and ends with 2',
    async (args) => {
      const outcome = await runCommandLine(args, { DATABASE_URL: database.primaryUrl });
      expect(outcome).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Usage:') });
    },
  );

  it('names every bad variable, never its value, and ends with 1', async () => {
    const outcome = await runCommandLine(['migrate'], { DATABASE_URL: 'mysql://secret', SEED_CUSTOMERS: 'many' });
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.error).toMatch(/DATABASE_URL.*\n.*SEED_CUSTOMERS/);
    expect(outcome.error).not.toMatch(/secret|many|\n {4}at /);
  });

  it('says in one line that the database is not there', async () => {
    const gone = new URL(database.primaryUrl);
    gone.pathname = '/not_there';
    const outcome = await runCommandLine(['migrate'], { DATABASE_URL: gone.href });
    expect(outcome).toEqual({ code: 1, out: '', error: 'The database refused: database "not_there" does not exist\n' });
  });
});
