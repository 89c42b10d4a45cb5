export interface RetryBudgetOptions {
  /** The most retries that can be saved up. */
  capacity?: number;
  refillPerSecond?: number;
  /** How much of a retry each read adds. */
  shareOfReads?: number;
}

/**
 * How many failed follower reads may still be repeated on the primary. A follower that dies fails all that were
 * running on it at once, and each of them deserves its second try; one that fails every read while its probes succeed
 * must not double the primary's work for ever. So a full budget covers a burst, and what comes in afterwards is a share
 * of the reads and a little per second. One per process; `nowMs` is of a monotonic clock.
 */
export class RetryBudget {
  private readonly capacity: number;
  private readonly refillPerSecond: number;
  private readonly shareOfReads: number;
  private available: number;
  private refilledAtMs: number | undefined;

  constructor({ capacity = 500, refillPerSecond = 50, shareOfReads = 0.1 }: RetryBudgetOptions = {}) {
    this.capacity = capacity;
    this.refillPerSecond = refillPerSecond;
    this.shareOfReads = shareOfReads;
    this.available = capacity;
  }

  /** Counts a read that a follower was asked for; not the retries themselves. */
  noteRead(): void {
    this.add(this.shareOfReads);
  }

  /** Takes one retry; false means that the failure is to be shown to the client. */
  tryTake(nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - (this.refilledAtMs ?? nowMs));
    this.refilledAtMs = Math.max(nowMs, this.refilledAtMs ?? nowMs);
    this.add((elapsedMs / 1000) * this.refillPerSecond);
    if (this.available < 1) return false;
    this.available -= 1;
    return true;
  }

  private add(retries: number): void {
    this.available = Math.min(this.capacity, this.available + retries);
  }
}
