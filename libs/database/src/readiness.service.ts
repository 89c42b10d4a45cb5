import { DomainError } from '@app/errors';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { pendingMigrationNames } from './migrations/index.js';
import { DatabasePools } from './servers/database-pools.service.js';
import { PrimaryDataSource } from './servers/primary-data-source.service.js';
import { PrimaryMonitor } from './servers/primary-monitor.service.js';

const RECHECK_MS = 500;
/** Readers of the change log are told at once that the database has another history than before. */
const ENSURE_EPOCH = 'SELECT change_log_ensure_epoch()';

/**
 * Whether the primary has been reached and has the schema that this build was written for. Nothing is migrated behind
 * anyone's back: until `npm run migrate` has run, the process waits and says so. Tables that a newer build added are
 * fine, so that old and new processes can run side by side during a deployment.
 */
@Injectable()
export class DatabaseReadiness implements OnModuleInit, OnApplicationShutdown {
  /** What keeps this process from being ready, in words; undefined once it is. */
  reason: string | undefined = 'the primary has not been reached yet';
  private timer: NodeJS.Timeout | undefined;
  private lastLogged: string | undefined;

  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
    private readonly dataSource: PrimaryDataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get isReady(): boolean {
    return this.reason === undefined;
  }

  onModuleInit(): void {
    this.monitor.whenUp(() => this.check());
    this.monitor.whenReplaced(() => this.beginEpoch());
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  /** @throws DomainError `schema_not_ready` naming what is missing. */
  assertReady(): void {
    if (this.reason === undefined) return;
    throw new DomainError('schema_not_ready', `Not ready: ${this.reason}`, { retryAfterSeconds: 1 });
  }

  /** Another database answers at the address, promoted or restored. Its first write would do it too; readers come sooner. */
  private async beginEpoch(): Promise<void> {
    if (!this.isReady) return;
    await this.pools.primary.query(ENSURE_EPOCH).catch(() => {
      this.timer = setTimeout(() => void this.beginEpoch(), RECHECK_MS);
      this.timer.unref();
    });
  }

  private async check(): Promise<void> {
    if (this.isReady) return;
    clearTimeout(this.timer);
    this.reason = await this.findReason();
    if (this.reason === undefined) return this.logger.info('schema is complete');
    if (this.reason !== this.lastLogged) this.logger.warn({ reason: this.reason }, 'not ready');
    this.lastLogged = this.reason;
    this.timer = setTimeout(() => void this.check(), RECHECK_MS);
    this.timer.unref();
  }

  private async findReason(): Promise<string | undefined> {
    try {
      if (!this.dataSource.isInitialized) return 'the primary has just been reached';
      const pending = await pendingMigrationNames(this.pools.primary);
      if (pending.length > 0) return `the schema lacks ${pending.join(', ')}: run "npm run migrate"`;
      await this.pools.primary.query(ENSURE_EPOCH);
      return undefined;
    } catch {
      return 'the primary does not answer';
    }
  }
}
