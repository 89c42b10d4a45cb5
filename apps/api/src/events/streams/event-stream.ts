import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangeLogService, type EventFilter, type EventPage, isWanted, type LoggedEvent } from '@app/change-log';
import { DomainError } from '@app/errors';
import type { EventFeed } from './event-feed.js';

const PING_MS = 25_000;
const RECONNECT_MS = 2_000;
const AT_ONCE = 200;
const PAUSE_AFTER_FAILURE_MS = 1_000;
/** Before a server that has nothing yet, and is behind the one that the feed has read from, is asked again. */
const PAUSE_MS = 50;

/** One client's server-sent events: from its cursor on, each event once, until it leaves or `end` is called. */
export class EventStream {
  readonly output = new PassThrough();
  private readonly over = new AbortController();
  private readonly ping: NodeJS.Timeout;

  constructor(
    private readonly organizationId: number,
    private readonly filter: EventFilter,
    private readonly log: ChangeLogService,
    private readonly feed: EventFeed,
  ) {
    this.output.write(`retry: ${RECONNECT_MS}\n\n`);
    this.ping = setInterval(() => this.output.write(': ping\n\n'), PING_MS);
    this.output.once('close', () => this.end());
    this.output.on('error', () => this.end());
  }

  end(): void {
    if (this.over.signal.aborted) return;
    clearInterval(this.ping);
    this.over.abort();
    this.output.end();
  }

  /** Resolves when the stream is over. @param first what was read already. */
  async run(first: EventPage): Promise<void> {
    let { nextCursor: cursor, hasMore } = first;
    await this.tell(first.events);
    while (!this.over.signal.aborted) {
      const step = hasMore ? 'read' : await this.feed.next(cursor, this.over.signal);
      if (this.over.signal.aborted) return;
      if (step === 'read') {
        const page = await this.read(cursor);
        if (page === undefined) continue;
        await this.tell(page.events);
        ({ nextCursor: cursor, hasMore } = page);
        if (page.events.length === 0 && !hasMore) await this.pause(PAUSE_MS);
      } else {
        await this.tell(step.events.filter((event) => isWanted(this.filter, event)));
        cursor = step.cursor;
      }
    }
  }

  /** Undefined after a failure that passes. One that does not ends the stream; asking again, the client is told why. */
  private async read(after: string): Promise<EventPage | undefined> {
    try {
      return await this.log.read(this.organizationId, { ...this.filter, after, isTrusted: true, limit: AT_ONCE });
    } catch (error) {
      const isOver = error instanceof DomainError && error.nextCursor !== undefined;
      if (isOver) this.end();
      else await this.pause(PAUSE_AFTER_FAILURE_MS);
      return undefined;
    }
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.over.signal, ref: false }).catch(() => undefined);
  }

  private async tell(events: readonly LoggedEvent[]): Promise<void> {
    if (events.length === 0 || this.over.signal.aborted) return;
    const text = events.map(({ cursor, type, json }) => `id: ${cursor}\nevent: ${type}\ndata: ${json}\n\n`).join('');
    if (this.output.write(text)) return;
    await once(this.output, 'drain', { signal: this.over.signal }).catch(() => undefined);
  }
}
