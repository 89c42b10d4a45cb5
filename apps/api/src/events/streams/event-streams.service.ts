import { Readable } from 'node:stream';
import { ChangeLogService, type EventFilter } from '@app/change-log';
import { DomainError } from '@app/errors';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { FastifyReply } from 'fastify';
import { Gauge } from 'prom-client';
import type { AuthenticatedUser } from '../../auth/authenticated-user.js';
import { endWhenStalled } from '../../http/listing/stalled-reader.js';
import { EventFeed } from './event-feed.js';
import { EventStream } from './event-stream.js';

export const EVENT_STREAM_METRIC_PROVIDERS = [
  makeGaugeProvider({ name: 'event_streams', help: 'Server-sent event streams that are open' }),
];

/** Of one organization in one process: a bound for what one can cost the others. */
const MOST_OF_ORGANIZATION = 50;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that follow nginx keep nothing back then.
  'x-accel-buffering': 'no',
};
const LONGEST_TIMER_MS = 2_147_483_647;

interface OrganizationStreams {
  feed: EventFeed;
  open: Set<EventStream>;
}

/** The server-sent event streams of this process. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private isClosing = false;
  private readonly organizations = new Map<number, OrganizationStreams>();

  constructor(
    private readonly log: ChangeLogService,
    @InjectMetric('event_streams') private readonly gauge: Gauge,
  ) {
    gauge.set(0);
  }

  /**
   * Begins a stream behind `after`, or from now on without it; ends it when the caller's token does.
   *
   * @throws DomainError `event_streams_exhausted`, and what `ChangeLogService.read` throws.
   */
  async open(
    user: AuthenticatedUser,
    filter: EventFilter,
    after: string | undefined,
    reply: FastifyReply,
  ): Promise<Readable> {
    const { organizationId } = user;
    this.assertRoom(organizationId);
    // The feed begins at the server's own place: what a client sends is nobody else's business.
    const head = await this.log.now(organizationId);
    const first = await this.log.read(organizationId, { ...filter, after: after ?? head, limit: 200 });
    this.assertRoom(organizationId);
    reply.headers(HEADERS);
    if (reply.request.method === 'HEAD') return Readable.from([]);
    const streams = this.organizations.get(organizationId) ?? this.begin(organizationId, head);
    const stream = new EventStream(organizationId, filter, this.log, streams.feed);
    streams.open.add(stream);
    this.gauge.inc();
    const lifetimeMs = Math.min(LONGEST_TIMER_MS, user.expiresAt * 1000 - Date.now());
    const expiry = setTimeout(() => stream.end(), lifetimeMs);
    void stream.run(first).finally(() => {
      clearTimeout(expiry);
      this.forget(organizationId, stream);
    });
    if (this.isClosing) stream.end();
    endWhenStalled(reply.raw, stream.output);
    return stream.output;
  }

  /** Before the server waits for answers under way: these would never end. Clients connect again, to another process. */
  beforeApplicationShutdown(): void {
    this.isClosing = true;
    for (const { open } of this.organizations.values()) for (const stream of [...open]) stream.end();
  }

  private begin(organizationId: number, head: string): OrganizationStreams {
    const streams = { feed: new EventFeed(organizationId, this.log, head), open: new Set<EventStream>() };
    this.organizations.set(organizationId, streams);
    return streams;
  }

  private forget(organizationId: number, stream: EventStream): void {
    stream.end();
    this.gauge.dec();
    const streams = this.organizations.get(organizationId);
    streams?.open.delete(stream);
    if (streams?.open.size === 0) this.organizations.delete(organizationId);
  }

  private assertRoom(organizationId: number): void {
    if ((this.organizations.get(organizationId)?.open.size ?? 0) < MOST_OF_ORGANIZATION) return;
    throw new DomainError('event_streams_exhausted', 'Too many event streams of this organization are open', {
      retryAfterSeconds: 5,
    });
  }
}
