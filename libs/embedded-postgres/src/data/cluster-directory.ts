import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { asDirectoryError, EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { canEnter, type ServerUser } from '../server/server-user.js';

/** Where clusters lie that cannot lie where they were asked for; kept over restarts, so not a temporary directory. */
const ELSEWHERE = '/var/lib/tandem';

/**
 * The directory the clusters really lie in, made when missing: the one asked for, or, where the servers' account may not enter
 * that, one of its own elsewhere, named by a hash of the one asked for.
 */
export function prepareClusterDirectory(asked: string, user: ServerUser | null): string {
  try {
    const elsewhere = findElsewhere(asked);
    if (elsewhere !== null) return elsewhere;
    makeDirectories(asked);
    const real = realpathSync(asked);
    if (canEnter(real, user)) return real;
    if (existsSync(join(real, 'primary', 'PG_VERSION'))) {
      throw new EmbeddedPostgresError(
        'directory_unusable',
        `The databases in ${real} can no longer be entered by the account ${user?.name}: allow it with chmod o+x on every directory of the path.`,
      );
    }
    return makeElsewhere(real, user);
  } catch (error) {
    throw asDirectoryError(error, asked);
  }
}

/** The directory elsewhere that stands for this one, when there is one already. */
export function findElsewhere(asked: string): string | null {
  if (!existsSync(asked)) return null;
  const name = hashed(realpathSync(asked));
  return [ELSEWHERE, realpathSync(tmpdir())].map((place) => join(place, name)).find(isOwn) ?? null;
}

function makeElsewhere(real: string, user: ServerUser | null): string {
  let reason: unknown;
  for (const place of [ELSEWHERE, realpathSync(tmpdir())]) {
    const directory = join(place, hashed(real));
    try {
      if (place === ELSEWHERE) makeDirectories(place);
      makeDirectories(directory);
      if (isOwn(directory) && canEnter(directory, user)) return directory;
    } catch (error) {
      reason = error;
    }
  }
  throw new EmbeddedPostgresError(
    'directory_unusable',
    `The account ${user?.name} may enter neither ${real} nor ${ELSEWHERE} nor ${tmpdir()}.`,
    { cause: reason },
  );
}

/** Like mkdir -p, but what it makes can be passed through by the servers' account whatever the umask. */
export function makeDirectories(path: string): void {
  if (existsSync(path) && lstatSync(realpathSync(path)).isDirectory()) return;
  if (dirname(path) !== path) makeDirectories(dirname(path));
  mkdirSync(path);
  chmodSync(path, 0o711);
}

/** What another account put there under our name is not used. */
function isOwn(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

function hashed(path: string): string {
  return `tandem-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
}
