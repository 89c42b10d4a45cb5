import type { QueueName } from '@app/jobs';
import type { QueueLottery } from './queue-lottery.js';

/** How long a queue that was found empty is left alone when nothing is heard of it. */
const LOOK_AGAIN_MS = 2_000;

/** A queue as the dispatcher sees it. None of the three ever rejects. */
export interface DispatchedQueue<Entry> {
  readonly name: QueueName;
  /** The next entry; undefined when there is none or the queue is away. Returns at once. */
  fetch(): Promise<Entry | undefined>;
  /** Does what the entry asks for. */
  work(entry: Entry): Promise<void>;
  /** Resolves when there may be something to fetch, or when the time is over. */
  untilWork(limitMs: number): Promise<void>;
}

interface Lane<Entry> {
  queue: DispatchedQueue<Entry>;
  cap: number;
  inFlight: number;
  /** Found empty, and nothing heard of it since: no slot tries it. */
  isEmpty: boolean;
}

/**
 * Slots that all queues share. Each free slot has the lottery say which queue to try first and takes the next one's
 * entry when that is empty, so no slot is idle while a queue has work below its cap. A slot is taken from before the
 * fetch to the end of the work; waiting for work takes none.
 */
export class SlotDispatcher<Entry> {
  private readonly lanes = new Map<QueueName, Lane<Entry>>();
  private readonly sleepers: (() => void)[] = [];
  private running: Promise<unknown> = Promise.resolve();
  private isStopping = false;

  constructor(
    queues: readonly DispatchedQueue<Entry>[],
    private readonly slots: number,
    caps: Readonly<Record<QueueName, number>>,
    private readonly lottery: QueueLottery,
  ) {
    for (const queue of queues) {
      this.lanes.set(queue.name, { queue, cap: caps[queue.name], inFlight: 0, isEmpty: false });
    }
  }

  /** Slots in use at the moment. */
  get busy(): number {
    return [...this.lanes.values()].reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  start(): void {
    this.running = Promise.all(Array.from({ length: this.slots }, () => this.runSlot()));
  }

  /** Fetches no more. Resolves when what was in hand has ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const wake of this.sleepers.splice(0)) wake();
    await this.running;
  }

  private async runSlot(): Promise<void> {
    while (!this.isStopping) {
      const lane = await this.workOnce();
      // Asked again without a pause in between: meanwhile another queue may have come to life.
      if (lane === undefined && this.eligible().size === 0 && !this.isStopping) await this.sleep();
    }
  }

  /** @returns the lane whose entry was worked on; undefined when none had one. */
  private async workOnce(): Promise<Lane<Entry> | undefined> {
    for (const name of this.lottery.draw(this.eligible())) {
      const lane = this.lanes.get(name) as Lane<Entry>;
      if (!hasRoom(lane) || this.isStopping) continue;
      lane.inFlight += 1;
      try {
        const entry = await lane.queue.fetch();
        if (entry === undefined) {
          this.watch(lane);
          continue;
        }
        // There may be more where this came from, one slot after the other.
        this.wakeOne();
        await lane.queue.work(entry);
        return lane;
      } finally {
        lane.inFlight -= 1;
      }
    }
    return undefined;
  }

  private eligible(): Set<QueueName> {
    return new Set([...this.lanes.values()].filter(hasRoom).map(({ queue }) => queue.name));
  }

  private watch(lane: Lane<Entry>): void {
    if (lane.isEmpty) return;
    lane.isEmpty = true;
    void lane.queue.untilWork(LOOK_AGAIN_MS).then(() => {
      lane.isEmpty = false;
      this.wakeOne();
    });
  }

  private sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.push(resolve);
    });
  }

  private wakeOne(): void {
    this.sleepers.shift()?.();
  }
}

function hasRoom({ isEmpty, inFlight, cap }: Lane<unknown>): boolean {
  return !isEmpty && inFlight < cap;
}
