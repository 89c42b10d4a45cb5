import { chownSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';

/** The account the servers run under when it is not our own. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/** In this order: PostgreSQL's own account, then the one that owns nothing. */
const PREFERRED = ['postgres', '_postgres', 'nobody'];

/**
 * Whom the servers run as: null (oneself) for an ordinary user; for root, which PostgreSQL refuses, the owner of the data
 * that is already there, else the first unprivileged account known to this machine.
 */
export function findServerUser(existingData?: string, passwd = readPasswd()): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = existingData === undefined ? 0 : ownerOf(existingData);
  const users = passwd.split('\n').flatMap(parseUser);
  const chosen =
    users.find((user) => owner !== 0 && user.uid === owner) ??
    PREFERRED.flatMap((name) => users.filter((user) => user.name === name && user.uid !== 0))[0];
  if (chosen === undefined) {
    throw new EmbeddedPostgresError(
      'no_server_user',
      `PostgreSQL does not run as root, and this machine has none of the accounts ${PREFERRED.join(', ')} to run it as.`,
    );
  }
  return chosen;
}

/** Whether the account may reach what lies in this existing directory; by the mode bits of every directory above it. */
export function canEnter(directory: string, user: ServerUser | null): boolean {
  if (user === null) return true;
  let current = realpathSync(directory);
  for (;;) {
    if (!mayUse(current, user, 0o1)) return false;
    const parent = dirname(current);
    if (parent === current) return true;
    current = parent;
  }
}

/** Whether the account's class of mode bits of this file holds all of `bits` (4 read, 2 write, 1 execute or enter). */
export function mayUse(path: string, user: ServerUser, bits: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** Gives one file or directory to the servers' account. Nothing to do when that is oneself. */
export function giveTo(path: string, user: ServerUser | null): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}

function ownerOf(path: string): number {
  try {
    return statSync(path).uid;
  } catch {
    return 0;
  }
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

function parseUser(line: string): ServerUser[] {
  const [name, , uid, gid] = line.split(':');
  if (!name || name.startsWith('#') || uid === undefined || gid === undefined) return [];
  // macOS writes nobody's id as -2; the system calls want it unsigned.
  return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }];
}
