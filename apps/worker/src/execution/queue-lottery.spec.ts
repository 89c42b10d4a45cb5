import { QUEUE_NAMES, type QueueName } from '@app/jobs';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../test/support/seeded-random.js';
import { QueueLottery } from './queue-lottery.js';
import { capsOf } from './queue-weights.js';

const ALL = new Set(QUEUE_NAMES);

function sharesOf(draws: number, eligible: ReadonlySet<QueueName>, seed: number): Record<QueueName, number> {
  const lottery = new QueueLottery(seededRandom(seed));
  const firsts = { critical: 0, default: 0, low: 0 };
  for (let draw = 0; draw < draws; draw += 1) firsts[lottery.draw(eligible)[0] as QueueName] += 1 / draws;
  return firsts;
}

describe('the lottery of queues', () => {
  test.each([1, 2, 3, 4, 5])('tries queues first in shares of 60, 30 and 10 percent (seed %i)', (seed) => {
    const shares = sharesOf(1_005, ALL, seed);

    expect(shares.critical).toBeCloseTo(0.6, 2);
    expect(shares.default).toBeCloseTo(0.3, 2);
    expect(shares.low).toBeCloseTo(0.1, 2);
  });

  test('gives every ten draws six, three and one', () => {
    const lottery = new QueueLottery(seededRandom(7));
    for (let round = 0; round < 20; round += 1) {
      const firsts = Array.from({ length: 10 }, () => lottery.draw(ALL)[0]).sort();
      expect(firsts).toEqual([...Array(6).fill('critical'), ...Array(3).fill('default'), 'low']);
    }
  });

  test('names every eligible queue once, and no other', () => {
    const lottery = new QueueLottery(seededRandom(3));
    for (let draw = 0; draw < 100; draw += 1) {
      expect(lottery.draw(ALL).sort()).toEqual([...QUEUE_NAMES]);
      expect(lottery.draw(new Set(['low', 'default'])).sort()).toEqual(['default', 'low']);
    }
    expect(lottery.draw(new Set())).toEqual([]);
  });

  test('shares what one queue leaves by the weights of the others', () => {
    const shares = sharesOf(2_000, new Set<QueueName>(['default', 'low']), 11);

    expect(shares.default).toBeCloseTo(0.75, 2);
    expect(shares.low).toBeCloseTo(0.25, 2);
  });

  test('does not let a queue save up tickets while it is empty', () => {
    const lottery = new QueueLottery(seededRandom(5));
    for (let draw = 0; draw < 500; draw += 1) lottery.draw(new Set<QueueName>(['default', 'low']));

    const firsts = Array.from({ length: 100 }, () => lottery.draw(ALL)[0]);

    expect(firsts.filter((name) => name === 'critical').length).toBeLessThanOrEqual(64);
  });
});

describe('how many jobs of a queue may be in flight', () => {
  test.each([
    [3, { critical: 3, default: 3, low: 2 }],
    [10, { critical: 10, default: 9, low: 8 }],
    [25, { critical: 25, default: 22, low: 20 }],
    [100, { critical: 100, default: 90, low: 80 }],
  ])('of %i slots', (slots, caps) => {
    expect(capsOf(slots)).toEqual(caps);
  });
});
