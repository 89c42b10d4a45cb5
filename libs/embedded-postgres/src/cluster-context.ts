import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findPlatformBinaries, type PlatformBinaries } from './binaries/platform-binaries.js';
import { findElsewhere, prepareClusterDirectory } from './data/cluster-directory.js';
import { type Credentials, keepCredentials, OWNER_ROLE } from './data/credentials.js';
import { asDirectoryError, EmbeddedPostgresError } from './embedded-postgres.error.js';
import type { ServerSettings } from './server/server-settings.js';
import { findServerUser, type ServerUser } from './server/server-user.js';

/** What is remembered beside the data, so that ports stay the same and another process can start and stop the servers. */
export interface ClusterRecord {
  database: string;
  primaryPort?: number;
  followerPorts: number[];
  settings: ServerSettings;
}

/** What all servers of one cluster have in common. */
export interface ClusterContext {
  /** Where the clusters really are, which may be elsewhere than was asked for. */
  directory: string;
  binaries: PlatformBinaries;
  user: ServerUser | null;
  credentials: Credentials;
  record: ClusterRecord;
  log: (line: string) => void;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
}

/** Prepares the directory, the binaries and the passwords; starts nothing. */
export async function openContext(
  asked: string,
  log: (line: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ClusterContext> {
  const user = findServerUser(join(findElsewhere(asked) ?? asked, 'primary'));
  const directory = prepareClusterDirectory(asked, user);
  const binaries = await findPlatformBinaries(user);
  try {
    return {
      directory,
      binaries,
      user,
      credentials: keepCredentials(directory),
      record: readRecord(directory),
      log,
      signal,
    };
  } catch (error) {
    throw asDirectoryError(error, directory);
  }
}

/** Writes the record as it is now; whole or not at all. */
export function saveRecord({ directory, record }: ClusterContext): void {
  const file = join(directory, 'cluster.json');
  writeFileSync(`${file}.part`, JSON.stringify(record, null, 2), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** The address of a server for applications. */
export function urlOf({ credentials, record }: ClusterContext, port: number): string {
  return `postgresql://${OWNER_ROLE}:${encodeURIComponent(credentials.password)}@127.0.0.1:${port}/${record.database}`;
}

/** Runs `work` on a connection of its own to the primary's maintenance database; the connection is closed in any case. */
export async function withPrimary<T>(
  { credentials }: ClusterContext,
  port: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: OWNER_ROLE,
    password: credentials.password,
    database: 'postgres',
    application_name: 'tandem_cluster',
    connectionTimeoutMillis: 5_000,
  });
  // A connection lost between two statements is reported by the next one; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect().catch((error) => {
    throw error.code === INVALID_PASSWORD ? wrongPassword(error) : error;
  });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const INVALID_PASSWORD = '28P01';

function wrongPassword(cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'start_failed',
    'The databases do not take the password kept in credentials.json beside them: bring the right one back, or begin anew.',
    { cause },
  );
}

function readRecord(directory: string): ClusterRecord {
  const file = join(directory, 'cluster.json');
  const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<ClusterRecord>) : {};
  return { database: 'tandem', followerPorts: [], settings: {}, ...found };
}
