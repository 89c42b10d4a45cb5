/** Below which transaction the log is read, and whether anything has been committed beyond it. */
export interface HorizonSample {
  horizon: string;
  isHeldBack: boolean;
}

/**
 * For how long the log has been held back by one and the same transaction, in milliseconds: it tells nothing of what was
 * committed since that one began to write.
 */
export class HorizonWatch {
  private held: { horizon: string; since: number } | undefined;

  /** @param at `performance.now()` of the look. */
  note({ horizon, isHeldBack }: HorizonSample, at: number): number {
    if (!isHeldBack) this.held = undefined;
    else if (this.held?.horizon !== horizon) this.held = { horizon, since: at };
    return this.held === undefined ? 0 : at - this.held.since;
  }
}
