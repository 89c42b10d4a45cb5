import type { Logger } from '@app/logging';

/** Says once when the queue's server is lost and once when it is back, however many connections notice. */
export class ServerLog {
  private isLost = false;

  constructor(private readonly logger: Logger) {}

  lost(cause: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.logger.warn({ cause: cause instanceof Error ? cause.message : String(cause) }, 'queue not reachable');
  }

  back(): void {
    if (this.isLost) this.logger.info('queue reachable again');
    this.isLost = false;
  }
}
