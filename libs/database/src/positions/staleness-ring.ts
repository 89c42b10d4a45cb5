import type { Lsn } from './lsn.js';

interface Sample {
  /** Taken before the position was read, in milliseconds of a monotonic clock. */
  atMs: number;
  readonly lsn: Lsn;
}

const LEAST_CAPACITY = 16;

/**
 * Remembers when the primary's log had reached which position, to say how old a follower's data can be at most: whoever
 * has replayed a sample's position holds everything acknowledged before its time, so the bound is now minus that time.
 * It needs no table and no agreement of clocks. For one primary: on another one, or another timeline, clear it.
 *
 * It never forgets its oldest sample. When full it thins out its older half, which makes answers older, never newer:
 * the newest half of the capacity is exact, behind it answers are off by a few percent of their age (by 4 % after a day
 * of samples every 250 ms, 7 % after ten), so that a follower which lags for hours still has a bound worth something.
 */
export class StalenessRing {
  /** Rising positions, times that never fall. */
  private samples: Sample[] = [];
  private readonly half: number;

  /** @throws RangeError for a capacity below 16 samples, which leaves nothing to thin out */
  constructor(private readonly capacity = 2048) {
    if (!(capacity >= LEAST_CAPACITY)) throw new RangeError(`A ring takes at least ${LEAST_CAPACITY} samples`);
    this.half = Math.floor(capacity / 2);
  }

  get size(): number {
    return this.samples.length;
  }

  /**
   * Takes a sample. `atMs` must have been read before the primary was asked: a time read after it would claim writes
   * that the position does not hold.
   * @throws RangeError for a position below the last one (that is another history) or a time that is no number
   */
  note(atMs: number, lsn: Lsn): void {
    if (!Number.isFinite(atMs)) throw new RangeError('The time of a sample must be a number');
    const last = this.samples.at(-1);
    if (last === undefined) {
      this.samples.push({ atMs, lsn });
    } else if (lsn < last.lsn) {
      throw new RangeError('The position of a primary cannot fall');
    } else if (lsn === last.lsn) {
      // Whoever has this position holds both samples, so the newer one answers every question about the two.
      last.atMs = Math.max(last.atMs, atMs);
    } else {
      if (this.samples.length >= this.capacity) this.thinOut(atMs);
      // A time that falls says less than the one before, which holds for this higher position too.
      this.samples.push({ atMs: Math.max(last.atMs, atMs), lsn });
    }
  }

  /** The time of the newest sample at or below a position; undefined when all are above it, so no bound is known. */
  newestAtOrBelow(lsn: Lsn): number | undefined {
    let low = 0;
    let high = this.samples.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.samples[middle] as Sample).lsn <= lsn) low = middle + 1;
      else high = middle;
    }
    return this.samples[low - 1]?.atMs;
  }

  clear(): void {
    this.samples = [];
  }

  /**
   * Keeps at most about half of the older half: samples whose ages form a geometric row. Simply dropping every second
   * one, time and again, would leave nothing between the last few thousand samples and the very first.
   */
  private thinOut(nowMs: number): void {
    const older = this.samples.slice(0, this.half);
    const newer = this.samples.slice(this.half);
    // One more keeps ages above zero.
    const ageOf = (sample: Sample | undefined) => Math.max(0, nowMs - (sample?.atMs ?? nowMs)) + 1;
    const step = (ageOf(older[0]) / ageOf(older.at(-1))) ** (1 / (this.half / 2 - 1));
    let keptAge = Number.POSITIVE_INFINITY;
    const kept = older.filter((sample) => {
      const age = ageOf(sample);
      if (age * step >= keptAge) return false;
      keptAge = age;
      return true;
    });
    this.samples = [...kept, ...newer];
  }
}
