import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { statement } from '../servers/statement.js';

/** Told once for each follower whose mark has come or gone. */
export type DrainListener = (follower: string, isDrained: boolean) => void;

const READ_EVERY_MS = 1_000;
const UNDEFINED_TABLE = '42P01';
const DRAINED = statement('drained-followers', 'SELECT follower FROM drained_followers');

/**
 * Which followers an operator has drained, by `npm run follower -- drain`. The primary's table is read once a second,
 * so every process follows it; what was known is kept while the primary is away. Nobody is drained where the table is
 * missing: the process is not ready then and waits for its migration. A process without followers reads nothing.
 */
@Injectable()
export class DrainedFollowers implements OnModuleInit, OnApplicationShutdown {
  private drained: ReadonlySet<string> = new Set();
  private readonly listeners: DrainListener[] = [];
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private lastFailure: string | undefined;

  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // In the constructor, so that it comes before the listener that makes the process ready: from the first request on
    // a drained follower is left out.
    this.monitor.whenUp(() => this.refresh());
  }

  onModuleInit(): void {
    if (this.pools.followers.length === 0) return;
    this.timer = setInterval(() => void this.refresh(), READ_EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Whether the follower of this name (`follower-1`) is to take no reads. */
  isDrained(follower: string): boolean {
    return this.drained.has(follower);
  }

  onChange(listener: DrainListener): void {
    this.listeners.push(listener);
  }

  /** Never two at once: on a primary that answers late the next read is left out. */
  private refresh(): Promise<void> {
    if (this.pools.followers.length === 0 || this.monitor.state !== 'up') return Promise.resolve();
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    try {
      const rows = await this.pools.primary.query<{ follower: string }>(DRAINED);
      this.lastFailure = undefined;
      this.take(new Set(rows.map(({ follower }) => follower)));
    } catch (error) {
      this.tell(error as Error & { code?: string });
    }
  }

  private take(now: ReadonlySet<string>): void {
    const before = this.drained;
    this.drained = now;
    const changed = [...new Set([...before, ...now])].filter((follower) => before.has(follower) !== now.has(follower));
    for (const follower of changed) for (const listener of this.listeners) listener(follower, now.has(follower));
  }

  /** Once for each new reason; a primary that goes away is told by its monitor. */
  private tell({ code, message }: Error & { code?: string }): void {
    if (code === UNDEFINED_TABLE || this.monitor.state !== 'up' || message === this.lastFailure) return;
    this.lastFailure = message;
    this.logger.warn({ cause: message }, 'drained followers could not be read');
  }
}
