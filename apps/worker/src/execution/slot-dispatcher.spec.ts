import { setImmediate as turn } from 'node:timers/promises';
import type { QueueName } from '@app/jobs';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import { QueueLottery } from './queue-lottery.js';
import { capsOf } from './queue-weights.js';
import { type DispatchedQueue, SlotDispatcher } from './slot-dispatcher.js';

interface Job {
  queue: QueueName;
  end: () => void;
}

/** The three queues of a server in memory, on which jobs run until the test ends them. */
class Stage {
  readonly started: QueueName[] = [];
  readonly running: Job[] = [];
  readonly waiting: Record<QueueName, number> = { critical: 0, default: 0, low: 0 };
  fetches = 0;
  isAway = false;
  private readonly listeners: Record<QueueName, (() => void)[]> = { critical: [], default: [], low: [] };
  readonly dispatcher = new SlotDispatcher<Job>(
    [this.queue('critical'), this.queue('default'), this.queue('low')],
    10,
    capsOf(10),
    new QueueLottery(seededRandom(1)),
  );

  add(queue: QueueName, count: number): void {
    this.waiting[queue] += count;
    for (const listener of this.listeners[queue].splice(0)) listener();
  }

  runningOf(queue: QueueName): number {
    return this.running.filter((job) => job.queue === queue).length;
  }

  endOne(queue?: QueueName): void {
    const index = queue === undefined ? 0 : this.running.findIndex((job) => job.queue === queue);
    this.running.splice(index, 1)[0]?.end();
  }

  async settle(): Promise<void> {
    for (let turns = 0; turns < 50; turns += 1) await turn();
  }

  private queue(name: QueueName): DispatchedQueue<Job> {
    return {
      name,
      fetch: async () => {
        this.fetches += 1;
        await turn();
        if (this.isAway || this.waiting[name] === 0) return undefined;
        this.waiting[name] -= 1;
        return { queue: name, end: () => undefined };
      },
      work: (job) => {
        this.started.push(name);
        return new Promise((resolve) => {
          job.end = resolve;
          this.running.push(job);
        });
      },
      untilWork: () =>
        this.waiting[name] > 0 && !this.isAway
          ? Promise.resolve()
          : new Promise((resolve) => this.listeners[name].push(resolve)),
    };
  }
}

describe('slots that all queues share', () => {
  test('are all used by whichever queue has work, up to its cap', async () => {
    for (const [queue, cap] of Object.entries(capsOf(10)) as [QueueName, number][]) {
      const stage = new Stage();
      stage.dispatcher.start();
      stage.add(queue, 50);
      await stage.settle();
      expect(stage.runningOf(queue)).toBe(cap);
      expect(stage.dispatcher.busy).toBe(cap);
    }
  });

  test('start jobs six to three to one while all queues have work', async () => {
    const stage = new Stage();
    for (const queue of ['low', 'default', 'critical'] as const) stage.add(queue, 1_000);
    stage.dispatcher.start();
    for (let job = 0; job < 600; job += 1) {
      await stage.settle();
      expect(stage.running).toHaveLength(10);
      stage.endOne();
    }
    const share = (queue: QueueName) => stage.started.filter((each) => each === queue).length / stage.started.length;
    expect(share('critical')).toBeCloseTo(0.6, 1);
    expect(share('default')).toBeCloseTo(0.3, 1);
    expect(share('low')).toBeCloseTo(0.1, 1);
  });

  test('two are free at once for what is urgent while slow jobs of the lowest queue run', async () => {
    const stage = new Stage();
    stage.add('low', 50);
    stage.dispatcher.start();
    await stage.settle();

    stage.add('critical', 5);
    await stage.settle();

    expect([stage.runningOf('low'), stage.runningOf('critical')]).toEqual([8, 2]);
  });

  test('one that becomes free goes to the other queues when the first one tried is empty', async () => {
    const stage = new Stage();
    stage.add('critical', 10);
    stage.dispatcher.start();
    await stage.settle();
    stage.add('low', 20);

    for (let job = 0; job < 8; job += 1) {
      stage.endOne('critical');
      await stage.settle();
      expect(stage.running).toHaveLength(10);
    }
    expect(stage.runningOf('low')).toBe(8);
  });

  test('ask nothing of empty queues until there is a sign of work', async () => {
    const stage = new Stage();
    stage.dispatcher.start();
    await stage.settle();
    const asked = stage.fetches;
    await stage.settle();

    expect(asked).toBeLessThanOrEqual(30);
    expect(stage.fetches).toBe(asked);

    stage.add('default', 1);
    await stage.settle();
    expect(stage.runningOf('default')).toBe(1);
    expect(stage.fetches - asked).toBeLessThanOrEqual(3);
  });

  test('go on when the server of the queues is back', async () => {
    const stage = new Stage();
    stage.isAway = true;
    stage.add('low', 20);
    stage.dispatcher.start();
    await stage.settle();
    expect(stage.running).toHaveLength(0);

    stage.isAway = false;
    stage.add('low', 0);
    await stage.settle();

    expect(stage.runningOf('low')).toBe(8);
  });

  test('stop when what they work on has ended, and fetch nothing more', async () => {
    const stage = new Stage();
    stage.add('critical', 30);
    stage.dispatcher.start();
    await stage.settle();
    let isStopped = false;
    const stopping = stage.dispatcher.stop().then(() => {
      isStopped = true;
    });
    for (let job = 0; job < 10; job += 1) {
      await stage.settle();
      expect(isStopped).toBe(false);
      stage.endOne();
    }
    await stopping;
    expect(stage.started).toHaveLength(10);
  });
});
