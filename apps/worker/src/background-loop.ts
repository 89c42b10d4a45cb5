import { DomainError } from '@app/errors';
import type { Logger } from '@app/logging';

/**
 * Does a piece of work again and again, with a pause in between, until it is stopped. A failure is logged when it is
 * the first in a row and does not end the loop.
 */
export class BackgroundLoop {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isFailing = false;
  private current: Promise<void> = Promise.resolve();

  /** @param work says by returning true that it wants to go on without a pause. */
  constructor(
    private readonly name: string,
    private readonly pauseMs: number,
    private readonly work: () => Promise<unknown>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.current = this.turn();
  }

  /** Resolves when the work at hand has ended; none begins after the call. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  private async turn(): Promise<void> {
    let isMore = false;
    try {
      isMore = (await this.work()) === true;
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) this.logger.warn(describe(err), `${this.name} failed and goes on`);
      this.isFailing = true;
    }
    if (this.isStopped) return;
    this.timer = setTimeout(() => this.start(), isMore ? 0 : this.pauseMs);
  }
}

/** A server that is away needs no stack. */
function describe(error: unknown): object {
  return error instanceof DomainError ? { reason: error.message } : { err: error };
}
