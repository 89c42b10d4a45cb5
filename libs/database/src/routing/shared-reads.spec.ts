import { describe, expect, test } from 'vitest';
import { SharedReads, WaitedTooLongError } from './shared-reads.js';

const LIMIT_MS = 60_000;

/** Executions that end when they are told to; each answers its number. */
function executions() {
  const ends: ((error?: Error) => void)[] = [];
  const execute = () =>
    new Promise<number>((resolve, reject) => {
      const number = ends.length + 1;
      ends.push((error) => (error ? reject(error) : resolve(number)));
    });
  return { ends, execute };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('reads that ask the same', () => {
  test('share the execution that begins after all of them asked, and never one that began before', async () => {
    const { ends, execute } = executions();
    const shared = new SharedReads();
    const first = shared.run('a', LIMIT_MS, execute);
    const later = [
      shared.run('a', LIMIT_MS, execute),
      shared.run('a', LIMIT_MS, execute),
      shared.run('a', LIMIT_MS, execute),
    ];
    await turn();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    expect(await first).toBe(1);
    await turn();
    const last = shared.run('a', LIMIT_MS, execute);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    await turn();
    ends[2]?.();
    expect(await last).toBe(3);
  });

  test('run at once where they ask something else, and again once all has ended', async () => {
    const { ends, execute } = executions();
    const shared = new SharedReads();
    const answers = [shared.run('a', LIMIT_MS, execute), shared.run('b', LIMIT_MS, execute)];
    expect(ends).toHaveLength(2);
    for (const end of ends) end();
    expect(await Promise.all(answers)).toEqual([1, 2]);
    await turn();
    const again = shared.run('a', LIMIT_MS, execute);
    expect(ends).toHaveLength(3);
    ends[2]?.();
    expect(await again).toBe(3);
  });

  test('that fail fail for those who share them, and the next one is tried all the same', async () => {
    const { ends, execute } = executions();
    const shared = new SharedReads();
    const outcomes = [
      shared.run('a', LIMIT_MS, execute),
      shared.run('a', LIMIT_MS, execute),
      shared.run('a', LIMIT_MS, execute),
    ].map((read) => read.catch((error: Error) => error.message));
    ends[0]?.(new Error('first'));
    expect(await outcomes[0]).toBe('first');
    await turn();
    ends[1]?.(new Error('second'));
    expect(await Promise.all(outcomes)).toEqual(['first', 'second', 'second']);
  });

  test('are counted while they wait, and given up when nothing was begun for them in time', async () => {
    const { ends, execute } = executions();
    const shared = new SharedReads();
    const first = shared.run('a', LIMIT_MS, execute);
    const hasty = shared.run('a', 5, execute);
    const patient = shared.run('a', LIMIT_MS, execute);
    expect(shared.waiting).toBe(2);
    await expect(hasty).rejects.toThrow(WaitedTooLongError);
    expect(shared.waiting).toBe(1);
    ends[0]?.();
    expect(await first).toBe(1);
    await turn();
    expect(shared.waiting).toBe(0);
    ends[1]?.();
    expect(await patient).toBe(2);
  });
});
