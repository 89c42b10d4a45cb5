import { ChangeLogService } from '@app/change-log';
import { isConnectionFailure, TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { type EndpointGroup, EndpointProgressRepository } from './endpoint-progress.repository.js';
import { matchesEventType } from './event-pattern.js';
import { type LogPage, readLog } from './log-reading.js';

/** Events at a time. */
const PAGE = 200;
/** Deliveries that wait for one endpoint; the rest of what it misses stays in the log. */
const MAX_WAITING = 1_000;
/** Organizations whose log is read at once. */
const READERS = 4;

/**
 * Turns what is new in the change log into deliveries. Each endpoint has a place in the log of its own; endpoints of one
 * organization that have nothing left to read are at the same place, so that one read serves them all.
 */
@Injectable()
export class LogFollowers {
  constructor(
    private readonly changes: ChangeLogService,
    private readonly progress: EndpointProgressRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly transactions: TransactionRunner,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Reads one page for every endpoint. What fails for one organization holds up no other: it is logged, and tried again by the
   * next run.
   *
   * @returns whether there is more.
   */
  async advance(): Promise<boolean> {
    const organizations = byOrganization(await this.progress.groups(MAX_WAITING));
    let isMore = false;
    const read = async (): Promise<void> => {
      for (let groups = organizations.pop(); groups !== undefined; groups = organizations.pop()) {
        const sorted = groups.sort((a, b) => this.changes.compare(a.cursor, b.cursor));
        if (await this.readFor(sorted).catch((error) => this.passOver(groups, error))) isMore = true;
      }
    };
    const readers = await Promise.allSettled(Array.from({ length: READERS }, read));
    for (const reader of readers) if (reader.status === 'rejected') throw reader.reason;
    return isMore;
  }

  /** Without the database nothing can be read for anybody. */
  private passOver([group]: EndpointGroup[], error: unknown): false {
    if (isConnectionFailure(error) || error instanceof DomainError) throw error;
    this.logger.error({ err: error, organization_id: group?.organizationId }, 'webhooks cannot read the change log');
    return false;
  }

  /** @param groups of one organization, the one that is furthest back first. */
  private async readFor([first, ...rest]: EndpointGroup[]): Promise<boolean> {
    if (first === undefined) return false;
    const page = await readLog(this.changes, first.organizationId, first.cursor, PAGE);
    const isCovered = ({ cursor }: EndpointGroup) => !page.hasMore || this.changes.compare(cursor, page.nextCursor) < 0;
    const covered = [first, ...rest.filter(isCovered)];
    const isNothingNew = page.events.length === 0 && !page.hasMore && covered.length === 1;
    if (isNothingNew) await this.keepFresh(first, page);
    else await this.store(covered, page);
    // Who is far ahead does not wait for who has a long way to go.
    await this.readFor(rest.filter((group) => !isCovered(group)));
    return page.hasMore;
  }

  /** Deliveries and the new place are committed together, and only for who is still where the read began. */
  private store(groups: EndpointGroup[], page: LogPage): Promise<void> {
    return this.transactions.run(async () => {
      for (const group of groups) {
        const ids = group.endpoints.map(({ id }) => id);
        // The same place may be told by another text, once the primary was replaced.
        const isBehind = this.changes.compare(group.cursor, page.nextCursor) <= 0;
        const moved = isBehind ? new Set(await this.progress.advance(ids, group.cursor, page.nextCursor)) : new Set();
        const events = page.events.filter(({ cursor }) => this.changes.compare(group.cursor, cursor) < 0);
        for (const { id, eventTypes } of group.endpoints.filter(({ id }) => moved.has(id))) {
          await this.deliveries.insert(
            id,
            events.filter(({ type }) => matchesEventType(eventTypes, type)),
          );
        }
      }
    });
  }

  private keepFresh({ endpoints, cursor }: EndpointGroup, { nextCursor }: LogPage): Promise<void> {
    return this.progress.keepFresh(
      endpoints.map(({ id }) => id),
      cursor,
      nextCursor,
    );
  }
}

function byOrganization(groups: EndpointGroup[]): EndpointGroup[][] {
  const found = new Map<number, EndpointGroup[]>();
  for (const group of groups) found.set(group.organizationId, [...(found.get(group.organizationId) ?? []), group]);
  return [...found.values()];
}
