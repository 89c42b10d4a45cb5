/** What happens by the clock, in whichever worker comes first. */
export interface Schedule {
  /** Kebab-case, verb-noun; the row's key in `job_schedules`, so never reuse one. */
  name: string;
  /** The pause between two runs in milliseconds, or a time of the day in UTC (`00:10`). */
  rhythm: { everyMs: number } | { dailyAt: string };
  /**
   * Runs in one worker at a time. A run whose worker was killed, or that failed, is repeated; a worker that hangs may
   * wake up beside its successor: what is done here must be right when it is done twice.
   */
  run(): Promise<void>;
}
