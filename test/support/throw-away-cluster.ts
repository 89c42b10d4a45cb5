import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deleteClusters,
  type EmbeddedCluster,
  identifyProcess,
  isSameProcess,
  type ServerSettings,
  startCluster,
} from '@app/embedded-postgres';

const PREFIX = 'tandem-test-';

/** Nothing of these clusters outlives the run, so nothing is forced to the disk. */
export const THROW_AWAY_SETTINGS: ServerSettings = {
  fsync: false,
  full_page_writes: false,
  shared_buffers: '64MB',
  io_method: 'sync',
};

/** A cluster of one test's own, for what would disturb others: `await using cluster = …` or `remove()` in the end. */
export interface ThrowAwayCluster {
  cluster: EmbeddedCluster;
  remove(): Promise<void>;
}

/** Starts a primary and followers in a temporary directory; those that killed runs left behind are cleared away first. */
export async function startThrowAwayCluster(followers = 1, settings: ServerSettings = {}): Promise<ThrowAwayCluster> {
  await removeAbandoned();
  const directory = makeTestDirectory();
  const cluster = await startCluster({ directory, followers, settings: { ...THROW_AWAY_SETTINGS, ...settings } });
  return { cluster, remove: () => removeTestDirectory(directory) };
}

/** A temporary directory that the databases' account can enter and that a later run clears away if this one is killed. */
export function makeTestDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(directory, 0o711);
  writeFileSync(join(directory, 'owner.json'), JSON.stringify(identifyProcess(process.pid)));
  return directory;
}

/** Ends the servers in the directory and deletes it. */
export async function removeTestDirectory(directory: string): Promise<void> {
  await deleteClusters(directory);
  rmSync(directory, { recursive: true, force: true });
}

async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    try {
      const owner = JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8'));
      if (!isSameProcess(owner)) await removeTestDirectory(directory);
    } catch {
      // Just being made, being removed, or another account's: not ours to clear.
    }
  }
}
