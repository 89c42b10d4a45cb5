import type { JobPayloads, JobType } from '@app/jobs';

/** What a processor has in hand while it works on one attempt at a job. */
export interface JobRun {
  /** Shows how far the attempt is, in percent, 0 to 99: 100 is for a completed job. Not inside the effect. */
  reportProgress(percent: number): Promise<void>;
  /**
   * Does the job's effect and stores what it returns as the job's result, both in one transaction: after a crash at any
   * point either both are there or none, and a second run rolls its effect back. To be called once, at the end.
   */
  complete(effect: () => Promise<unknown>): Promise<void>;
}

/** Does the jobs of one type. It may be run again after a crash, so all that lasts belongs into `run.complete`. */
export interface JobProcessor<Type extends JobType> {
  /** Whatever this throws is the attempt's failure; a lost database is not, the attempt is then given back. */
  process(payload: JobPayloads[Type], run: JobRun): Promise<void>;
}
