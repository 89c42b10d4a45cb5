import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { findFreePort } from '@app/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '../support/test-database.js';
import { makeTestDirectory, removeTestDirectory } from '../support/throw-away-cluster.js';
import { beginStack, startStack, survivors } from './local-stack.js';

const isRoot = process.getuid?.() === 0;

// Each starts whole stacks; on a machine that is busy otherwise too, that takes its time.
vi.setConfig({ testTimeout: 180_000 });

describe('npm start', () => {
  let home: string;
  beforeAll(() => {
    home = makeTestDirectory();
  });
  afterAll(() => removeTestDirectory(home));

  it('runs twice side by side on two directories, one of them without a follower', async () => {
    const [one, two] = await Promise.all([
      startStack({ directory: join(home, 'one'), words: ['--followers', '0'] }),
      startStack({ directory: join(home, 'two'), words: ['--followers', '2'] }),
    ]);
    try {
      expect(one?.state.follower_urls).toEqual([]);
      expect(two?.state.pids.followers).toHaveLength(2);
      const health = await fetch(`${one?.state.api_url}/health`);
      expect(await health.json()).toMatchObject({ status: 'healthy', analytics_db: 'using primary' });
    } finally {
      await Promise.all([one?.process.stop(), two?.process.stop()]);
      await Promise.all(['one', 'two'].map((name) => removeTestDirectory(join(home, name, 'postgres'))));
    }
  });

  it('starts from nothing with --fresh, and deletes nothing beside things that are not its own', async () => {
    const directory = join(home, 'fresh');
    const first = await startStack({ directory, words: ['--followers', '0'] });
    await first.process.stop();
    writeFileSync(join(directory, 'diary.txt'), 'mine');
    const refused = await beginStack({ directory, words: ['--fresh'] });
    expect(await refused.exited()).toBe(1);
    expect(refused.output()).toContain("holds things that are not Tandem's (diary.txt)");
    expect(existsSync(join(directory, 'postgres', 'primary', 'PG_VERSION'))).toBe(true);

    rmSync(join(directory, 'diary.txt'));
    const second = await startStack({ directory, words: ['--followers', '0', '--fresh'] });
    expect(second.process.output()).toContain('Making the database cluster.');
    await second.process.stop();
    await removeTestDirectory(join(directory, 'postgres'));
  });

  it('takes the databases that DATABASE_URL and ANALYTICS_DB_URL name and starts none', async () => {
    const database = await createTestDatabase();
    const environment = { DATABASE_URL: database.primaryUrl, ANALYTICS_DB_URL: database.followerUrl };
    const stack = await startStack({ directory: join(home, 'external'), environment });
    expect(stack.state).toMatchObject({
      primary_url: database.primaryUrl,
      follower_urls: [database.followerUrl],
      data_directories: [],
      pids: { primary: null, followers: [] },
    });
    expect(existsSync(join(home, 'external', 'postgres'))).toBe(false);
    expect(await stack.process.stop()).toBe(0);
    expect(survivors(stack.members)).toEqual([]);
    await database.drop();
  });

  it("keeps its databases elsewhere when the databases' account may not enter the directory", async () => {
    const closed = join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const directory = join(closed, 'data');
    const stack = await startStack({ directory });
    const place = dirname(stack.state.data_directories[0] ?? '');
    expect(place === join(directory, 'postgres')).toBe(!isRoot);
    expect(await stack.process.stop()).toBe(0);
    await removeTestDirectory(join(directory, 'postgres'));
    chmodSync(closed, 0o755);
    if (isRoot) rmSync(place, { recursive: true });
  });

  it('says in a word that the port asked for is taken', async () => {
    const port = await findFreePort();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    const refused = await beginStack({ directory: join(home, 'port'), port });
    expect(await refused.exited()).toBe(1);
    expect(refused.output().trim().split('\n').at(-1)).toBe(`Port ${port} is taken. Choose another with --port.`);
    squatter.close();
  });

  it('says in one line that a directory cannot be written', async () => {
    writeFileSync(join(home, 'file'), '');
    const refused = await beginStack({ directory: join(home, 'file', 'data') });
    expect(await refused.exited()).toBe(1);
    expect(refused.output().trim()).toBe(
      `${join(home, 'file')} cannot be used: a file is where a directory is needed.`,
    );
  });

  it('explains what it does not understand, and itself when asked to', async () => {
    const refused = await beginStack({ directory: join(home, 'x'), words: ['--folowers', '1'] });
    expect(await refused.exited()).toBe(1);
    expect(refused.output()).toContain("Unknown option '--folowers'");
    const asked = await beginStack({ directory: join(home, 'x'), words: ['--help'] });
    expect(await asked.exited()).toBe(0);
    expect(asked.output()).toContain('--fresh');
    expect(existsSync(join(home, 'x'))).toBe(false);
  });
});
