import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lsn } from './lsn.js';
import { StalenessRing } from './staleness-ring.js';

interface Noted {
  atMs: number;
  lsn: Lsn;
}

/** Histories of up to 400 samples in which time and position sometimes stand still, sometimes leap. */
const histories = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.constant(250), fc.nat({ max: 20 }), fc.double({ min: 0, max: 1e7, noNaN: true })),
      fc.oneof(fc.constant(0), fc.nat({ max: 3 }), fc.nat({ max: 1_000_000 })),
    ),
    { minLength: 1, maxLength: 400, size: 'max' },
  )
  .map((steps) => {
    const history: Noted[] = [];
    let [atMs, lsn] = [1000, 0x1_ffff_0000n];
    for (const [later, further] of steps) {
      atMs += later;
      lsn += BigInt(further);
      history.push({ atMs, lsn });
    }
    return history;
  });

/** Where a follower can be: at, right below or right above any sample, or anywhere. */
function replayPositions(history: Noted[]): Lsn[] {
  return [0n, 2n ** 64n - 1n, ...history.flatMap(({ lsn }) => [lsn - 1n, lsn, lsn + 1n])];
}

/** The answer of somebody who forgets nothing. */
function trueAnswer(history: Noted[], lsn: Lsn): number | undefined {
  return history.findLast((sample) => sample.lsn <= lsn)?.atMs;
}

function ringOf(history: Noted[], capacity?: number): StalenessRing {
  const ring = new StalenessRing(capacity);
  for (const { atMs, lsn } of history) ring.note(atMs, lsn);
  return ring;
}

/** One sample every 250 ms while the primary writes. */
function busyHistory(length: number): Noted[] {
  return Array.from({ length }, (_, index) => ({ atMs: index * 250, lsn: BigInt(index) * 1000n }));
}

const capacities = fc.integer({ min: 16, max: 65 });

describe('the staleness ring, whatever happened', () => {
  test('never answers a newer time than somebody who forgets nothing', () => {
    fc.assert(
      fc.property(histories, capacities, (history, capacity) => {
        const ring = ringOf(history, capacity);
        for (const lsn of replayPositions(history)) {
          const truth = trueAnswer(history, lsn);
          const answer = ring.newestAtOrBelow(lsn);
          if (truth === undefined) expect(answer).toBeUndefined();
          else expect(answer).toBeLessThanOrEqual(truth);
        }
      }),
    );
  });

  test('answers the same within the newest half of its capacity', () => {
    fc.assert(
      fc.property(histories, capacities, (history, capacity) => {
        const ring = ringOf(history, capacity);
        const positions = [...new Set(history.map(({ lsn }) => lsn))];
        const oldestExact = positions.slice(-Math.floor(capacity / 2))[0] as Lsn;
        for (const lsn of replayPositions(history).filter((candidate) => candidate >= oldestExact)) {
          expect(ring.newestAtOrBelow(lsn)).toBe(trueAnswer(history, lsn));
        }
      }),
    );
  });

  test('never loses its oldest sample nor grows beyond its capacity', () => {
    fc.assert(
      fc.property(histories, capacities, (history, capacity) => {
        const ring = new StalenessRing(capacity);
        const oldest = (history[0] as Noted).lsn;
        const seen: Noted[] = [];
        for (const sample of history) {
          ring.note(sample.atMs, sample.lsn);
          seen.push(sample);
          expect(ring.size).toBeLessThanOrEqual(capacity);
          expect(ring.newestAtOrBelow(oldest)).toBe(trueAnswer(seen, oldest));
        }
      }),
    );
  });

  test('never takes its word back: as time goes on no position becomes newer but the last one', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const ring = new StalenessRing(16);
        const before = new Map<Lsn, number>();
        for (const { atMs, lsn } of history) {
          ring.note(atMs, lsn);
          const newer = [...before].filter(
            ([position, answer]) => position < lsn && (ring.newestAtOrBelow(position) as number) > answer,
          );
          expect(newer).toEqual([]);
          before.set(lsn, atMs);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the staleness ring', () => {
  test('knows nothing before its first sample, below it, and after it was cleared', () => {
    const ring = new StalenessRing();
    expect(ring.newestAtOrBelow(5n)).toBeUndefined();
    ring.note(100, 5n);
    expect(ring.newestAtOrBelow(4n)).toBeUndefined();
    expect(ring.newestAtOrBelow(5n)).toBe(100);
    ring.clear();
    expect(ring).toMatchObject({ size: 0 });
    expect(ring.newestAtOrBelow(5n)).toBeUndefined();
  });

  test('takes another history once it is cleared', () => {
    const ring = ringOf([{ atMs: 100, lsn: 900n }]);
    ring.clear();
    ring.note(200, 5n);
    expect(ring.newestAtOrBelow(900n)).toBe(200);
  });

  test('keeps one sample of an idle primary, with the newest time', () => {
    const ring = new StalenessRing();
    for (let atMs = 0; atMs <= 60_000; atMs += 250) ring.note(atMs, 7n);
    expect(ring.size).toBe(1);
    expect(ring.newestAtOrBelow(7n)).toBe(60_000);
  });

  test('a primary that was idle and wrote again does not make a follower newer that stands before', () => {
    const ring = ringOf([
      { atMs: 0, lsn: 6n },
      { atMs: 250, lsn: 7n },
      { atMs: 60_000, lsn: 7n },
      { atMs: 60_250, lsn: 9n },
    ]);
    expect([6n, 7n, 8n, 9n].map((lsn) => ring.newestAtOrBelow(lsn))).toEqual([0, 60_000, 60_000, 60_250]);
  });

  test('refuses a position that falls, which is another history, and stays as it was', () => {
    const ring = ringOf([{ atMs: 100, lsn: 9n }]);
    expect(() => ring.note(200, 8n)).toThrow(RangeError);
    expect(ring.newestAtOrBelow(9n)).toBe(100);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d for a time', (atMs) => {
    expect(() => new StalenessRing().note(atMs, 1n)).toThrow(RangeError);
  });

  test('a sample that was asked for before the last one cannot make that older', () => {
    const ring = ringOf([
      { atMs: 200, lsn: 5n },
      { atMs: 100, lsn: 5n },
      { atMs: 150, lsn: 6n },
    ]);
    expect(ring.newestAtOrBelow(5n)).toBe(200);
    expect(ring.newestAtOrBelow(6n)).toBe(200);
  });

  test.each([0, 15, Number.NaN])('cannot be made for %d samples', (capacity) => {
    expect(() => new StalenessRing(capacity)).toThrow(RangeError);
  });

  test('makes room even when all samples are of the same moment', () => {
    const history = Array.from({ length: 1000 }, (_, index) => ({ atMs: 5, lsn: BigInt(index) }));
    const ring = ringOf(history, 16);
    expect(ring.size).toBeLessThanOrEqual(16);
    expect(ring.newestAtOrBelow(0n)).toBe(5);
  });

  test('is off by a few percent of the age after a day of writes, however far a follower is behind', () => {
    const history = busyHistory(4 * 86_400);
    const ring = ringOf(history);
    const nowMs = (history.at(-1) as Noted).atMs;
    let worst = 0;
    for (let index = 0; index < history.length - 1; index += 7) {
      const { atMs, lsn } = history[index] as Noted;
      worst = Math.max(worst, (atMs - (ring.newestAtOrBelow(lsn) as number)) / (nowMs - atMs));
    }
    expect(worst).toBeLessThan(0.05);
  });

  test('stays useful after a minute of samples every 10 ms', () => {
    const slow = busyHistory(4 * 3600);
    const { atMs, lsn } = slow.at(-1) as Noted;
    const fast = Array.from({ length: 6000 }, (_, index) => ({
      atMs: atMs + (index + 1) * 10,
      lsn: lsn + BigInt(index + 1),
    }));
    const ring = ringOf([...slow, ...fast]);
    const nowMs = (fast.at(-1) as Noted).atMs;
    let worst = 0;
    for (const sample of [...slow, ...fast.slice(0, -1)]) {
      const answer = ring.newestAtOrBelow(sample.lsn) as number;
      worst = Math.max(worst, (sample.atMs - answer) / (nowMs - sample.atMs));
    }
    expect(worst).toBeLessThan(0.05);
  });
});
