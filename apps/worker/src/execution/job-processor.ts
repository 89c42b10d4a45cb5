import type { JobPayloads, JobType, StepNote } from '@app/jobs';

export interface StepOptions {
  /** The step notes what has happened elsewhere and can't be taken back: it is done also when this process stops. */
  evenWhileStopping?: boolean;
}

/** What a processor has in hand while it works on one attempt at a job. */
export interface JobRun {
  /** What the last step of an earlier attempt noted; null where there was none. Another version may have written it. */
  readonly checkpoint: unknown;
  /**
   * Aborted when going on is of no use: within about a second of a cancellation or of another worker's taking over, and
   * when this process has to stop and can't wait any longer. Its reason is what the processor should then throw.
   */
  readonly signal: AbortSignal;
  /** Shows how far the attempt is, in percent, 0 to 99: 100 is for a completed job. Not inside an effect. */
  reportProgress(percent: number): Promise<void>;
  /**
   * Does a part of the job's effect and stores what `after` makes of its outcome as the checkpoint, both in one
   * transaction: whatever is killed, the next attempt finds the part done and noted, or neither. Ends the attempt by
   * throwing where the job was cancelled, is another attempt's by now, or this process stops.
   */
  step<T>(effect: () => Promise<T>, after: (result: T) => StepNote, options?: StepOptions): Promise<T>;
  /** Throws what `step` would throw, before something is done that can't be taken back. */
  assertMayGoOn(): void;
  /**
   * Does the job's effect and stores what it returns as the job's result, both in one transaction: after a crash at any
   * point either both are there or none, and a second run rolls its effect back. To be called once, at the end.
   */
  complete(effect: () => Promise<unknown>): Promise<void>;
}

/** Does the jobs of one type. It may be run again after a crash, so all that lasts belongs into `step` or `complete`. */
export interface JobProcessor<Type extends JobType> {
  /** Whatever this throws is the attempt's failure; a lost database is not, the attempt is then given back. */
  process(payload: JobPayloads[Type], run: JobRun): Promise<void>;
}
