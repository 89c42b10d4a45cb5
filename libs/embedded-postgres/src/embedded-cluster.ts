import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterContext, openContext, saveRecord, withPrimary } from './cluster-context.js';
import { findElsewhere } from './data/cluster-directory.js';
import { dropSlotsExcept, findLocalFault } from './data/follower-data.js';
import { createDataDirectory, ensureDatabase } from './data/primary-data.js';
import { EmbeddedFollower } from './embedded-follower.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { EmbeddedServer } from './embedded-server.js';
import { findFreePort, isPortFree } from './server/free-port.js';
import { endServerProcesses } from './server/server-processes.js';
import type { ServerSettings } from './server/server-settings.js';
import { removeSharedMemory } from './server/shared-memory.js';

/** How a cluster is started. */
export interface ClusterOptions {
  /** Where the data live between runs; made when missing. One running cluster a directory: the caller sees to that. */
  directory: string;
  /** How many followers run; those of an earlier run beyond that stay on disk and are copied anew when asked for again. */
  followers: number;
  /** The database made for the application. Default `tandem`. */
  database?: string;
  /** The primary's port; taken is an error. By default the one of the last run, or another free one. */
  port?: number;
  /** PostgreSQL settings for all servers, over the defaults; kept for later starts by `openCluster`. */
  settings?: ServerSettings;
  /** Told what takes long or is out of the ordinary. */
  log?: (line: string) => void;
  /** Breaks the start off: what was started is stopped and the signal's reason thrown. */
  signal?: AbortSignal;
}

/** A primary and its streaming followers on this machine. Outlives the process that started it unless stopped. */
export class EmbeddedCluster {
  readonly primary: EmbeddedServer;
  readonly followers: EmbeddedFollower[] = [];

  constructor(private readonly context: ClusterContext) {
    this.primary = new EmbeddedServer(context, 'primary', context.record.primaryPort ?? 0);
    context.record.followerPorts.forEach((port) => {
      this.addMember(port);
    });
  }

  /** Where the data really are: elsewhere than asked for where the servers' account may not enter that. */
  get directory(): string {
    return this.context.directory;
  }

  /** Adds a follower, copied from the running primary, and resolves once it serves and streams. */
  async addFollower(): Promise<EmbeddedFollower> {
    const follower = this.addMember(await findFreePort(undefined, this.ports()));
    await follower.bringUp();
    this.save();
    return follower;
  }

  /**
   * Stops the primary, then the followers, which so have all of its log. Within `limitMs`, whatever state they are in;
   * what is cut short is recovered at the next start.
   */
  async stop(limitMs = 10_000): Promise<void> {
    await this.primary.stop('fast', limitMs * 0.6);
    await Promise.all(this.followers.map((follower) => follower.stop('fast', limitMs * 0.4)));
  }

  /** Stops everything and deletes the data, leaving no shared memory behind. */
  async destroy(): Promise<void> {
    await Promise.all([this.primary, ...this.followers].map((server) => server.stop('immediate')));
    await deleteClusters(this.directory);
  }

  /** @internal The start of `startCluster`. */
  async start({ followers, port, database, settings }: ClusterOptions): Promise<this> {
    const { record } = this.context;
    Object.assign(record, { database: database ?? record.database, settings: settings ?? record.settings });
    await Promise.all(findDataDirectories(this.directory).map((path) => endServerProcesses(path)));
    await this.choosePorts(followers, port);
    await this.startPrimary(port);
    this.save();
    return this;
  }

  private async startPrimary(port: number | undefined): Promise<void> {
    const { credentials, binaries, user, record, signal } = this.context;
    const directory = this.primary.dataDirectory;
    if (!existsSync(join(directory, 'PG_VERSION'))) this.context.log('Making the database cluster.');
    await createDataDirectory(directory, credentials, binaries, user, record.settings.fsync !== false, signal);
    // Followers that look sound start beside the primary; what is wrong with the others only the primary can tell or mend.
    const sound = this.followers.filter((follower) => findLocalFault(follower.dataDirectory, directory) === null);
    const intended = this.primary.port;
    const early = Promise.allSettled(sound.map((follower) => follower.startOnFreePort()));
    try {
      await this.primary.startOnFreePort(port);
      if (this.primary.port !== intended) for (const follower of sound) follower.reconfigure();
    } finally {
      await early;
    }
    await withPrimary(this.context, this.primary.port, async (client) => {
      await ensureDatabase(client, record.database, credentials);
      await dropSlotsExcept(
        client,
        this.followers.map(({ slot }) => slot),
      );
    });
    await Promise.all(this.followers.map((follower) => follower.bringUp()));
  }

  private async choosePorts(followers: number, port: number | undefined): Promise<void> {
    if (port !== undefined && !(await isPortFree(port))) {
      throw new EmbeddedPostgresError('port_taken', `Port ${port} is taken.`);
    }
    const taken: number[] = [];
    const before = this.followers.splice(0).map((follower) => follower.port);
    this.primary.port = port ?? (await findFreePort(this.primary.port || undefined, taken));
    taken.push(this.primary.port);
    for (let index = 0; index < followers; index++) {
      const chosen = await findFreePort(before[index], taken);
      taken.push(chosen);
      this.addMember(chosen);
    }
  }

  private addMember(port: number): EmbeddedFollower {
    const follower = new EmbeddedFollower(this.context, this.followers.length + 1, port, this.primary);
    this.followers.push(follower);
    return follower;
  }

  private ports(): number[] {
    return [this.primary, ...this.followers].map(({ port }) => port);
  }

  private save(): void {
    this.context.record.primaryPort = this.primary.port;
    this.context.record.followerPorts = this.followers.map(({ port }) => port);
    saveRecord(this.context);
  }
}

/**
 * Starts a primary with its followers on the data in the directory, making what is missing: the first time a new cluster,
 * later the copy of a follower that fell behind too far. Servers of an earlier run that still hold the directory are ended
 * first. Resolves once all accept connections and the followers stream; throws `EmbeddedPostgresError`, one line to print.
 */
export async function startCluster(options: ClusterOptions): Promise<EmbeddedCluster> {
  const context = await openContext(options.directory, options.log, options.signal);
  const cluster = new EmbeddedCluster(context);
  try {
    return await cluster.start(options);
  } catch (error) {
    await cluster.stop(4_000).catch(() => undefined);
    throw error;
  }
}

/** The cluster in this directory as another process runs it, to start and stop its servers one by one. Starts nothing. */
export async function openCluster(directory: string, log?: (line: string) => void): Promise<EmbeddedCluster> {
  return new EmbeddedCluster(await openContext(directory, log));
}

/**
 * Ends what still runs on the clusters asked for in this directory, wherever they lie, and deletes them and nothing else that may
 * lie there.
 */
export async function deleteClusters(asked: string): Promise<void> {
  for (const directory of [asked, findElsewhere(asked)]) {
    if (directory === null || !existsSync(directory)) continue;
    for (const path of findDataDirectories(directory)) {
      await endServerProcesses(path);
      removeSharedMemory(path);
      rmSync(path, { recursive: true, force: true });
    }
    for (const name of ['cluster.json', 'credentials.json']) rmSync(join(directory, name), { force: true });
  }
}

function findDataDirectories(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /^(primary|follower-\d+)(\.part)?$/.test(name))
    .map((name) => join(directory, name));
}
