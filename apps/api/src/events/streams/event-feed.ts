import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangeLogService, hasReached, type LoggedEvent } from '@app/change-log';
import { DomainError } from '@app/errors';
import { runInContext } from '@app/logging';

const SHORTEST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 200;
const PAUSE_AFTER_FAILURE_MS = 1_000;
const AT_ONCE = 500;

/** What a stream does next: tell these events, which follow on its cursor; or read for itself. */
export type NextStep = { events: readonly LoggedEvent[]; cursor: string } | 'read';

type Waiter = { cursor: string; resolve: (step: NextStep) => void };

/**
 * Looks for new events of one organization for all streams of this process: however many there are, one read at a time, a
 * few a second while nothing happens. A stream that has fallen behind reads for itself until it is there again.
 */
export class EventFeed {
  private readonly waiters = new Set<Waiter>();
  private isRunning = false;

  constructor(
    private readonly organizationId: number,
    private readonly log: ChangeLogService,
    /** How far the feed has come. */
    private head: string,
  ) {}

  /** Resolves when there is something behind the cursor; with `read` at once when the signal says that it is over. */
  next(cursor: string, signal: AbortSignal): Promise<NextStep> {
    if (signal.aborted || !hasReached(cursor, this.head)) return Promise.resolve('read');
    return new Promise((resolve) => {
      const waiter: Waiter = { cursor, resolve: settle };
      const { waiters } = this;
      function settle(step: NextStep): void {
        waiters.delete(waiter);
        signal.removeEventListener('abort', leave);
        resolve(step);
      }
      const leave = (): void => settle('read');
      signal.addEventListener('abort', leave);
      waiters.add(waiter);
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    let pauseMs = SHORTEST_PAUSE_MS;
    while (this.waiters.size > 0) {
      const found = await runInContext({ requestId: 'event-feed' }, () => this.look());
      if (found === 'failed') pauseMs = PAUSE_AFTER_FAILURE_MS;
      else pauseMs = found ? SHORTEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pauseMs * 1.1);
      await sleep(pauseMs, undefined, { ref: false });
    }
    this.isRunning = false;
  }

  /** Whether there was anything. */
  private async look(): Promise<boolean | 'failed'> {
    const from = this.head;
    try {
      const { events, nextCursor } = await this.log.read(this.organizationId, {
        after: from,
        isTrusted: true,
        limit: AT_ONCE,
      });
      this.head = nextCursor;
      if (events.length > 0) this.tell(from, { events, cursor: nextCursor });
      else this.bringAlong(from);
      return events.length > 0;
    } catch (error) {
      const isLost = error instanceof DomainError && error.nextCursor !== undefined;
      // Its streams find that out for themselves, each for its own cursor.
      if (isLost) this.head = error.nextCursor ?? from;
      if (isLost) for (const waiter of [...this.waiters]) waiter.resolve('read');
      return 'failed';
    }
  }

  /** Nothing lies between: else whoever waits would seem to have fallen behind. */
  private bringAlong(from: string): void {
    for (const waiter of this.waiters) {
      if (hasReached(waiter.cursor, from) && !hasReached(waiter.cursor, this.head)) waiter.cursor = this.head;
    }
  }

  private tell(from: string, step: { events: readonly LoggedEvent[]; cursor: string }): void {
    for (const { cursor, resolve } of [...this.waiters]) {
      if (!hasReached(cursor, from)) resolve('read');
      else if (cursor === from) resolve(step);
      else if (!hasReached(cursor, step.cursor)) {
        resolve({ ...step, events: step.events.filter((event) => !hasReached(cursor, event.cursor)) });
      }
    }
  }
}
