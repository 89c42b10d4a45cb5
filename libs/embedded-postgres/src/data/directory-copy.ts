import { chmodSync, constants, lchownSync, mkdirSync } from 'node:fs';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { giveTo, type ServerUser } from '../server/server-user.js';

/** Directories whose content belongs to the running server alone; they are made empty (PostgreSQL manual, 25.3.4.4). */
const EMPTY = new Set([
  'log',
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map|standby\.signal|pg_internal\.init.*|pgsql_tmp.*)$/;
const AT_ONCE = 16;

/**
 * Copies a data directory while its server runs and a backup is in progress. Files may change or vanish meanwhile; replaying
 * the log from the backup's beginning makes up for it. The control file comes last, as pg_basebackup does it.
 */
export async function copyDataDirectory(
  source: string,
  target: string,
  user: ServerUser | null,
  signal?: AbortSignal,
): Promise<void> {
  const files: string[] = [];
  await collect(source, target, '', user, files);
  const next = files[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const file of next) {
        signal?.throwIfAborted();
        await copyOne(source, target, file, user);
      }
    }),
  );
  await copyOne(source, target, CONTROL_FILE, user);
}

/** Deletes what is in the directory and keeps the directory: a killed server's lock is found again by its inode. */
export async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
}

const CONTROL_FILE = join('global', 'pg_control');

async function collect(source: string, target: string, under: string, user: ServerUser | null, files: string[]) {
  for (const entry of await readdir(join(source, under), { withFileTypes: true }).catch(ifPresent([]))) {
    const path = join(under, entry.name);
    if (LEFT_OUT.test(entry.name) || path === CONTROL_FILE) continue;
    if (!entry.isDirectory()) {
      if (entry.isFile() && under !== 'pg_wal') files.push(path);
      continue;
    }
    mkdirSync(join(target, path), { mode: 0o700 });
    giveTo(join(target, path), user);
    if (!EMPTY.has(path)) await collect(source, target, path, user, files);
  }
}

async function copyOne(source: string, target: string, file: string, user: ServerUser | null): Promise<void> {
  const to = join(target, file);
  const copied = await copyFile(join(source, file), to, constants.COPYFILE_FICLONE).then(() => true, ifPresent(false));
  if (!copied) return;
  chmodSync(to, 0o600);
  if (user !== null) lchownSync(to, user.uid, user.gid);
}

function ifPresent<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  };
}
