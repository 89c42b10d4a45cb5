import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import type { PlatformBinaries } from '../binaries/platform-binaries.js';
import { asDirectoryError, EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { serverEnvironment } from '../server/postgres-server.js';
import { endServerProcesses } from '../server/server-processes.js';
import { giveTo, type ServerUser } from '../server/server-user.js';
import { lastComplaint } from '../server/server-words.js';
import { type Credentials, OWNER_ROLE, REPLICATION_ROLE } from './credentials.js';
import { emptyDirectory } from './directory-copy.js';

const run = promisify(execFile);

/**
 * Makes the primary's data directory when there is none: UTF-8 with the builtin C.UTF-8 rules, whatever this machine's locale
 * is. It appears under its name when it is whole, so an initdb that was killed is begun anew.
 */
export async function createDataDirectory(
  directory: string,
  credentials: Credentials,
  binaries: PlatformBinaries,
  user: ServerUser | null,
  durable: boolean,
  signal?: AbortSignal,
): Promise<void> {
  if (existsSync(join(directory, 'PG_VERSION'))) return;
  const unfinished = `${directory}.part`;
  const passwordFile = `${directory}.password`;
  try {
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    giveTo(unfinished, user);
    await endServerProcesses(unfinished);
    await emptyDirectory(unfinished);
    writeFileSync(passwordFile, credentials.password, { mode: 0o600 });
    giveTo(passwordFile, user);
    await run(binaries.initdb, initdbArguments(unfinished, passwordFile, durable), {
      cwd: unfinished,
      env: serverEnvironment(unfinished),
      signal,
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    if (existsSync(directory)) rmSync(directory, { recursive: true });
    renameSync(unfinished, directory);
  } catch (error) {
    signal?.throwIfAborted();
    throw asSetupError(error, directory);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Makes the application's database and the replication role where they are missing. */
export async function ensureDatabase(client: Client, database: string, credentials: Credentials): Promise<void> {
  const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [REPLICATION_ROLE]);
  if (roles.rowCount === 0) {
    const password = client.escapeLiteral(credentials.replicationPassword);
    await client.query(`CREATE ROLE ${REPLICATION_ROLE} REPLICATION LOGIN PASSWORD ${password}`);
  }
  const databases = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (databases.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
}

function initdbArguments(directory: string, passwordFile: string, durable: boolean): string[] {
  return [
    ['-D', directory],
    ['-U', OWNER_ROLE],
    [`--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-instructions'],
    ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    durable ? [] : ['--no-sync'],
  ].flat();
}

function asSetupError(error: unknown, directory: string): unknown {
  const said = (error as { stderr?: string }).stderr;
  if (said === undefined) return asDirectoryError(error, directory);
  return new EmbeddedPostgresError(
    'directory_unusable',
    `PostgreSQL's data directory cannot be made in ${directory}: ${lastComplaint(said)}`,
    { cause: error },
  );
}
