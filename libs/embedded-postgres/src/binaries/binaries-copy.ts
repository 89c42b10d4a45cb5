import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { identifyProcess } from '../server/process-identity.js';
import { canEnter, type ServerUser } from '../server/server-user.js';
import { linkLibraries } from './library-links.js';

/**
 * A copy of the binaries that the servers' account can enter, made once for each version and shared by all checkouts.
 * It appears under its name only when it is whole, so a copy that was broken off is never run.
 */
export async function copyBinaries(
  native: string,
  key: string,
  user: ServerUser | null,
  places = [user === null ? join(homedir(), '.cache', 'tandem') : '/var/cache/tandem', privateTemporary()],
): Promise<string> {
  const reasons: string[] = [];
  for (const place of places) {
    try {
      // The umask may have closed what was made just now.
      if (mkdirSync(place, { recursive: true })) chmodSync(place, 0o755);
      requireOwn(place);
      if (!canEnter(place, user)) throw new Error(`${user?.name} may not enter ${place}`);
      const target = join(place, `postgresql-${key}`);
      if (!existsSync(target)) copyWhole(native, target);
      return target;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new EmbeddedPostgresError(
    'directory_unusable',
    `PostgreSQL's binaries cannot be copied: ${reasons.join('; ')}.`,
  );
}

function copyWhole(native: string, target: string): void {
  removeBrokenOff(target);
  const unfinished = `${target}.part-${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  openToAll(unfinished);
  linkLibraries(unfinished);
  try {
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

function removeBrokenOff(target: string): void {
  const [place, name] = [join(target, '..'), target.slice(target.lastIndexOf('/') + 1)];
  for (const entry of readdirSync(place)) {
    const owner = entry.startsWith(`${name}.part-`) ? Number(entry.slice(entry.lastIndexOf('-') + 1)) : null;
    if (owner !== null && identifyProcess(owner) === null) rmSync(join(place, entry), { recursive: true, force: true });
  }
}

function privateTemporary(): string {
  return join(tmpdir(), `tandem-${process.getuid?.() ?? 0}`);
}

/** The temporary directory is everybody's: what another account put there under our name is not run. */
function requireOwn(place: string): void {
  const { uid, mode } = statSync(place);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${place} belongs to somebody else`);
}
