import { join } from 'node:path';
import { type ClusterContext, urlOf } from './cluster-context.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { findFreePort } from './server/free-port.js';
import { PostgresServer, type StopMode } from './server/postgres-server.js';
import { clusterNameOf } from './server/server-processes.js';
import { DEFAULT_SETTINGS, type ServerSettings } from './server/server-settings.js';

/** One server of a cluster, primary or follower. Its address stays the same while the cluster is up, stopped or not. */
export class EmbeddedServer {
  readonly dataDirectory: string;
  protected readonly server: PostgresServer;

  constructor(
    protected readonly context: ClusterContext,
    /** `primary`, `follower-1`, `follower-2`, …; also the name of its directory. */
    readonly name: string,
    public port: number,
  ) {
    this.dataDirectory = join(context.directory, name);
    this.server = new PostgresServer(this.dataDirectory, context.binaries, context.user);
  }

  /** The address for applications, password included: never print it. */
  get url(): string {
    return urlOf(this.context, this.port);
  }

  /** The postmaster's process id, or null while the server is stopped. */
  get pid(): number | null {
    return this.server.pid;
  }

  isRunning(): boolean {
    return this.server.isRunning();
  }

  /** Starts the server on its port and resolves once it accepts connections; does nothing when it runs. */
  async start(): Promise<void> {
    await this.startAsIs();
  }

  /** Stops the server; harder when it takes longer than `limitMs`. Does nothing when it does not run. */
  stop(mode?: StopMode, limitMs?: number): Promise<void> {
    return this.server.stop(mode, limitMs);
  }

  /** Starts on `fixedPort`, or on any free one, the present one first. For a cluster's own start: nobody knows the address yet. */
  async startOnFreePort(fixedPort?: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.startAsIs();
      } catch (error) {
        const taken = error instanceof EmbeddedPostgresError && error.code === 'port_taken';
        if (!taken || fixedPort !== undefined || attempt === 5) throw error;
        this.port = await findFreePort();
      }
    }
  }

  /** Writes the configuration anew and has a running server read it. */
  reconfigure(): void {
    this.configure();
    this.server.reload();
  }

  private async startAsIs(): Promise<void> {
    if (this.isRunning()) return;
    this.configure();
    await this.server.start(this.context.signal);
  }

  protected configure(): void {
    this.server.configure({
      ...DEFAULT_SETTINGS,
      cluster_name: clusterNameOf(this.dataDirectory),
      ...this.context.record.settings,
      port: this.port,
      ...this.roleSettings(),
    });
  }

  /** What only a server in this role is set to. */
  protected roleSettings(): ServerSettings {
    return {};
  }
}
