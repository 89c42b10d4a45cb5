import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeTestDirectory,
  removeTestDirectory,
  THROW_AWAY_SETTINGS as settings,
} from '../../../test/support/throw-away-cluster.js';
import { startCluster } from './embedded-cluster.js';

const isRoot = process.getuid?.() === 0;

describe('where a cluster lies', () => {
  let directory: string;
  beforeEach(() => {
    directory = makeTestDirectory();
  });
  afterEach(() => removeTestDirectory(directory));

  it('is elsewhere, and stays there, when the account of the servers may not enter the directory', async () => {
    const closed = join(directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const asked = join(closed, 'clusters');
    const first = await startCluster({ directory: asked, followers: 1, settings });
    try {
      await first.stop();
      const second = await startCluster({ directory: asked, followers: 1, settings });
      expect(second.directory).toBe(first.directory);
      expect(second.directory === asked).toBe(!isRoot);
      chmodSync(closed, 0o711);
      await second.stop();
      const third = await startCluster({ directory: asked, followers: 0, settings });
      expect(third.directory).toBe(first.directory);
    } finally {
      await first.destroy();
      if (first.directory !== asked) rmSync(first.directory, { recursive: true });
    }
  });

  it('is said in one line to be of no use when a file is in its place', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(startCluster({ directory: join(directory, 'file', 'clusters'), followers: 0 })).rejects.toThrow(
      /file cannot be used: a file is where a directory is needed\.$/,
    );
  });

  it('may hold a blank, a quote and letters beyond ASCII', async () => {
    const cluster = await startCluster({ directory: join(directory, `Ann's Daten ü`), followers: 1, settings });
    try {
      expect(cluster.followers[0]?.isRunning()).toBe(true);
    } finally {
      await cluster.destroy();
    }
  });

  it('serves two clusters side by side', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => startCluster({ directory: join(directory, name), followers: 1, settings })),
    );
    try {
      const ports = [one, two].flatMap((cluster) => [cluster?.primary.port, cluster?.followers[0]?.port]);
      expect(new Set(ports).size).toBe(4);
      await one?.stop();
      expect(two?.primary.isRunning()).toBe(true);
    } finally {
      await Promise.all([one?.destroy(), two?.destroy()]);
    }
  });

  it('is left in order by a start that is broken off', async () => {
    const broken = new AbortController();
    const starting = startCluster({
      directory: join(directory, 'clusters'),
      followers: 1,
      settings,
      signal: broken.signal,
      log: (line) => line.startsWith('Copying') && broken.abort(new Error('enough')),
    });
    await expect(starting).rejects.toThrow('enough');
    const again = await startCluster({ directory: join(directory, 'clusters'), followers: 1, settings });
    expect(again.followers[0]?.isRunning()).toBe(true);
    await again.destroy();
  });
});
