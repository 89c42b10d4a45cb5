import { ChangeLogService } from '@app/change-log';
import { TransactionRunner } from '@app/database';
import { JobsService } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { type EndpointGroup, EndpointProgressRepository } from './endpoint-progress.repository.js';
import { matchesEventType } from './event-pattern.js';
import { type LogPage, readOn } from './log-page.js';

/** Events at a time, and pages a run: what is left waits for the next run, a second later. */
const PAGE = 200;
const PAGES_A_RUN = 5;
/** Deliveries that wait for one endpoint; the rest of what it misses stays in the log. */
const MAX_WAITING = 1_000;
/** Reads of the log at once. */
const READERS = 4;

const SENDERS_A_RUN = 500;
/** An answer that took longer makes a receiver a slow one. */
const SLOW_MS = 2_000;
/** Slots that receivers that fail or are slow may hold together, in all workers. */
const MAX_TROUBLED = 3;

/** Brings the change log to the endpoints: deliveries for what is new, and jobs that send what is due. */
@Injectable()
export class DispatchService {
  constructor(
    private readonly changes: ChangeLogService,
    private readonly progress: EndpointProgressRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly jobs: JobsService,
    private readonly transactions: TransactionRunner,
  ) {}

  /**
   * One run; to be repeated every second. It is right when two run at once or one is killed: an endpoint's deliveries and
   * its new place in the log are committed together, and only by who read from the place where it was.
   */
  async run(): Promise<void> {
    for (let page = 0; page < PAGES_A_RUN; page += 1) {
      if (!(await this.readAll())) break;
    }
    await this.requestSenders();
  }

  /** @returns whether there is more to read. */
  private async readAll(): Promise<boolean> {
    const groups = await this.progress.groups(MAX_WAITING);
    let isMore = false;
    const read = async (): Promise<void> => {
      for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
        if (await this.readFor(group)) isMore = true;
      }
    };
    await Promise.all(Array.from({ length: READERS }, read));
    return isMore;
  }

  private async readFor({ organizationId, cursor, endpoints }: EndpointGroup): Promise<boolean> {
    const page = await readOn(this.changes, organizationId, cursor, PAGE);
    const ids = endpoints.map(({ id }) => id);
    if (page.isSameplace) {
      await this.progress.keepFresh(ids, cursor, page.nextCursor);
      return false;
    }
    await this.transactions.run(async () => {
      const moved = new Set(await this.progress.advance(ids, cursor, page.nextCursor));
      await this.deliveries.insert(
        deliveriesOf(
          endpoints.filter(({ id }) => moved.has(id)),
          page,
        ),
      );
    });
    return page.hasMore;
  }

  /** A job for each endpoint that something is due for; those in trouble share a few slots, so that the rest have theirs. */
  private requestSenders(): Promise<void> {
    return this.transactions.run(async () => {
      const idle = await this.progress.lockIdle(SLOW_MS, SENDERS_A_RUN);
      if (idle.length === 0) return;
      let room = MAX_TROUBLED - (await this.progress.countTroubled(SLOW_MS));
      for (const { id, organizationId, isTroubled } of idle) {
        if (isTroubled && room <= 0) continue;
        if (isTroubled) room -= 1;
        const job = await this.jobs.request(organizationId, 'deliver-webhook', { webhook_id: id });
        await this.progress.setJob(id, job.id);
      }
    });
  }
}

function deliveriesOf(endpoints: EndpointGroup['endpoints'], { events }: LogPage) {
  return endpoints.flatMap(({ id, eventTypes }) =>
    events.filter(({ type }) => matchesEventType(eventTypes, type)).map((event) => ({ webhookId: id, event })),
  );
}
