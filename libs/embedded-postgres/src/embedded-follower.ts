import { type ClusterContext, withPrimary } from './cluster-context.js';
import {
  copyFromPrimary,
  findLocalFault,
  findSlotFault,
  followerSettings,
  waitUntilStreaming,
} from './data/follower-data.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { EmbeddedServer } from './embedded-server.js';
import type { ServerSettings } from './server/server-settings.js';

/** How long a follower may take to connect before its data are taken to be beyond repair. */
const STREAMING_LIMIT_MS = 15_000;

/** A real streaming read replica of its cluster's primary. */
export class EmbeddedFollower extends EmbeddedServer {
  /** The replication slot, also the `application_name` the primary knows it by. */
  readonly slot: string;

  constructor(
    context: ClusterContext,
    number: number,
    port: number,
    private readonly primary: EmbeddedServer,
  ) {
    super(context, `follower-${number}`, port);
    this.slot = `follower_${number}`;
  }

  /**
   * Starts the follower from where it was; copies it anew first, and says so, when it cannot go on from there. With the
   * primary down it starts with what it has.
   */
  override async start(): Promise<void> {
    if (this.isRunning()) return;
    const fault = await this.findFault();
    if (fault !== null) await this.copyAnew(fault);
    await super.start();
  }

  /** Why the follower could not go on from where it is; null when it can, or when the primary is not there to be asked. */
  async findFault(): Promise<string | null> {
    const local = findLocalFault(this.dataDirectory, this.primary.dataDirectory);
    if (local !== null || !this.primary.isRunning()) return local;
    return withPrimary(this.context, this.primary.port, (client) => findSlotFault(client, this.slot)).catch(() => null);
  }

  /** Stops the follower and replaces its data by a fresh copy of the primary, which must run and goes on serving meanwhile. */
  async copyAnew(reason = 'asked to'): Promise<void> {
    this.context.log(`Copying ${this.name} from the primary: ${reason}.`);
    await this.stop('immediate');
    await withPrimary(this.context, this.primary.port, (client) =>
      copyFromPrimary(client, this.primary.dataDirectory, this.dataDirectory, this.slot, this.context),
    );
  }

  /**
   * Starts it for the first time of this run and resolves once it streams, on whatever port is free. Data that do not serve any
   * more are replaced by a fresh copy once; throws when that does not help either.
   */
  async bringUp(): Promise<void> {
    const fault = await this.findFault();
    if (fault !== null) await this.copyAnew(fault);
    else if (await this.startsAndStreams()) return;
    else await this.copyAnew('it does not follow the primary from where it is');
    if (await this.startsAndStreams()) return;
    throw new EmbeddedPostgresError(
      'start_failed',
      `${this.name} does not follow the primary: see ${this.dataDirectory}/log.`,
    );
  }

  private async startsAndStreams(): Promise<boolean> {
    try {
      await this.startOnFreePort();
      return await this.isStreamingWithin(STREAMING_LIMIT_MS);
    } catch (error) {
      this.context.signal?.throwIfAborted();
      if (!(error instanceof EmbeddedPostgresError)) throw error;
      this.context.log(error.message);
      return false;
    }
  }

  /** Whether it is connected to the primary and receiving its log within the limit. */
  isStreamingWithin(limitMs: number): Promise<boolean> {
    return withPrimary(this.context, this.primary.port, (client) => waitUntilStreaming(client, this.slot, limitMs));
  }

  protected override roleSettings(): ServerSettings {
    return followerSettings(this.slot, this.primary.port, this.context.credentials);
  }
}
