import { setTimeout as sleep } from 'node:timers/promises';
import { Configuration } from '@app/config';
import { CONSUMER_OPTIONS, type ConsumerOptions, QUEUE_NAMES, Queues } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { EntryHandler } from './entry-handler.service.js';
import { JobsInHand } from './jobs-in-hand.service.js';
import { type Entry, QueueFetcher } from './queue-fetcher.js';
import { QueueLottery } from './queue-lottery.js';
import { capsOf } from './queue-weights.js';
import { SlotDispatcher } from './slot-dispatcher.js';

const HAND_BACK_LIMIT_MS = 2_000;
const CLOSE_LIMIT_MS = 1_000;
const PROBE_LIMIT_MS = 1_000;
const IDLE_CHECK_MS = 50;
/** Jobs that heed their signal hand themselves back, in better order than it can be done to them. */
const SIGNAL_BEFORE_END_MS = 5_000;
/** A schedule that older versions kept in the queue. */
const OLD_SCHEDULE = ['default', 'daily-aggregates'] as const;

/** What takes entries from the three queues and works on them, started and stopped as one. */
@Injectable()
export class QueueWorkers {
  private fetchers: QueueFetcher[] = [];
  private dispatcher: SlotDispatcher<Entry> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly handler: EntryHandler,
    private readonly jobsInHand: JobsInHand,
    private readonly queues: Queues,
    @Inject(CONSUMER_OPTIONS) private readonly options: ConsumerOptions,
    @Inject(Configuration) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Slots in use: from before the fetch of a job to the moment when the queue knows how it ended. */
  get busy(): number {
    return this.dispatcher?.busy ?? 0;
  }

  /** Begins to fetch. What the queue's server does meanwhile is the fetchers' business: they wait for it. */
  start(): void {
    const { slots } = this.configuration.worker;
    const caps = capsOf(slots);
    this.fetchers = QUEUE_NAMES.map((name) => this.openFetcher(name));
    this.dispatcher = new SlotDispatcher(this.fetchers, slots, caps, new QueueLottery());
    for (const fetcher of this.fetchers) void fetcher.begin();
    this.dispatcher.start();
    void this.queues.unschedule(...OLD_SCHEDULE, PROBE_LIMIT_MS).catch(() => undefined);
    this.logger.info({ slots, caps }, 'fetching jobs');
  }

  /** Fetches no more, lets the jobs in hand end for up to `limitMs`, and hands back those that did not. */
  stop(limitMs: number): Promise<void> {
    this.stopping ??= this.dispatcher === undefined ? Promise.resolve() : this.end(this.dispatcher, limitMs);
    return this.stopping;
  }

  private async end(dispatcher: SlotDispatcher<Entry>, limitMs: number): Promise<void> {
    const ended = dispatcher.stop();
    this.jobsInHand.stopSteps();
    for (const fetcher of this.fetchers) fetcher.interrupt();
    // An orderly end tells the queue of each job, and waits for one that is away to come back.
    const isQueueAway = await this.queues.depths(PROBE_LIMIT_MS).then(
      () => false,
      () => true,
    );
    const ending = isQueueAway ? this.untilNothingIsInHand() : ended;
    const isDone = await Promise.race([ending.then(() => true), this.countDown(limitMs)]);
    if (!isDone) await Promise.race([this.handler.handBack(), sleep(HAND_BACK_LIMIT_MS, undefined, { ref: false })]);
    await Promise.race([this.close(isQueueAway || !isDone), sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  private openFetcher(name: QueueFetcher['name']): QueueFetcher {
    return new QueueFetcher(name, (entry) => this.handler.handle(entry), this.options, this.logger);
  }

  private async untilNothingIsInHand(): Promise<void> {
    while (!this.handler.isIdle) await sleep(IDLE_CHECK_MS);
  }

  private async countDown(limitMs: number): Promise<false> {
    const last = Math.min(SIGNAL_BEFORE_END_MS, limitMs / 2);
    await sleep(limitMs - last, undefined, { ref: false });
    this.jobsInHand.abortAll();
    await sleep(last, undefined, { ref: false });
    return false;
  }

  private async close(isForced: boolean): Promise<void> {
    await Promise.allSettled(this.fetchers.map((fetcher) => fetcher.close(isForced)));
  }
}
