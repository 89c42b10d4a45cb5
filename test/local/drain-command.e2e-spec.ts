import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rowsOf } from '../migrations/go-database.js';
import { migrate } from '../support/api-process.js';
import { startProcess } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SINCE = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.primaryUrl);
});
beforeEach(() => rowsOf(database.primaryUrl, 'TRUNCATE drained_followers'));
afterAll(() => database?.drop());

/** `npm run follower -- …` of a deployment: with DATABASE_URL, and no local stack anywhere. */
async function run(words: string, environment: Record<string, string> = {}): Promise<[code: unknown, said: string]> {
  const command = startProcess('apps/local/launch.mjs', {
    arguments: ['server', 'follower', ...words.split(' ')],
    environment: { DATABASE_URL: database.primaryUrl, ...environment },
  });
  const code = await command.exited(30_000);
  return [code, command.output().trim()];
}

const drained = async () =>
  (await rowsOf<{ follower: string }>(database.primaryUrl, 'SELECT follower FROM drained_followers ORDER BY 1')).map(
    ({ follower }) => follower,
  );

describe('npm run follower, with DATABASE_URL set', () => {
  it('drains and undrains, the first follower unless another is named', async () => {
    expect(await run('drain')).toEqual([
      0,
      'follower-1 is drained: every process takes that over within about a second',
    ]);
    expect((await run('drain 2'))[0]).toBe(0);
    expect(await drained()).toEqual(['follower-1', 'follower-2']);
    expect(await run('undrain')).toEqual([
      0,
      'follower-1 is in use again: every process takes that over within about a second',
    ]);
    expect(await drained()).toEqual(['follower-2']);
  });

  it('changes nothing the second time, and says so', async () => {
    await run('drain');
    const [first] = await rowsOf(database.primaryUrl, 'SELECT drained_at::text FROM drained_followers');
    expect(await run('drain')).toEqual([0, 'follower-1 was drained already: nothing was changed']);
    expect(await rowsOf(database.primaryUrl, 'SELECT drained_at::text FROM drained_followers')).toEqual([first]);
    await run('undrain');
    expect(await run('undrain')).toEqual([0, 'follower-1 was not drained: nothing was changed']);
  });

  it('tells which are drained, and of those it knows which are not', async () => {
    expect(await run('status')).toEqual([0, 'No follower is drained']);
    await run('drain 2');
    expect(await run('status')).toEqual([0, expect.stringMatching(`^follower-2: drained since ${SINCE}$`)]);
    const two = { ANALYTICS_DB_URL: `${database.followerUrl},${database.followerUrl}` };
    expect(await run('status', two)).toEqual([
      0,
      expect.stringMatching(`^follower-1: not drained\nfollower-2: drained since ${SINCE}$`),
    ]);
    expect(await run('status 1', two)).toEqual([0, 'follower-1: not drained']);
  });

  it('refuses a follower that is not in ANALYTICS_DB_URL, but takes back the mark of one that was', async () => {
    const one = { ANALYTICS_DB_URL: database.followerUrl };
    expect(await run('drain 2', one)).toEqual([1, 'There is no follower 2; there is 1']);
    await run('drain 2');
    expect((await run('undrain 2', one))[0]).toBe(0);
    expect(await run('undrain 2', one)).toEqual([1, 'There is no follower 2; there is 1']);
    expect(await drained()).toEqual([]);
  });

  it('says in one line what it can’t do', async () => {
    const usage = 'Usage: npm run follower -- start|stop|status|drain|undrain [K]';
    expect(await run('dry 1')).toEqual([1, expect.stringContaining(usage)]);
    expect(await run('drain', { DATABASE_URL: 'postgres://127.0.0.1:1/gone' })).toEqual([
      1,
      'The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
    ]);
    const empty = await createTestDatabase();
    expect(await run('drain', { DATABASE_URL: empty.primaryUrl })).toEqual([
      1,
      'The schema is not up to date: run "npm run migrate" first',
    ]);
    await empty.drop();
  });
});
