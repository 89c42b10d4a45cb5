import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { JOB_COLUMNS, type Job, type JobFailure } from './job.js';

/** One attempt at one job. `attempt` is the fence: whoever took the job over since has a higher one. */
export interface JobAttempt {
  id: string;
  attempt: number;
}

/**
 * How often in a row a job may lose its worker, or a server that it needs, without getting a step further. One that does
 * so more often is what loses them.
 */
const MAX_INTERRUPTIONS = 10;

const PROGRESS_OF_CHECKPOINT = 'CASE WHEN checkpoint IS NULL THEN 0 ELSE progress END';
// An attempt that is still "active" when another begins has lost its worker: it is given back, for dying in the middle
// of a job is the worker's failure and not the job's. What has begun was handed over, whatever became of the note of it:
// without one nobody would look whether the queue still has the job.
const START = statement(
  'jobs.start',
  `UPDATE jobs SET state = 'active', progress = ${PROGRESS_OF_CHECKPOINT}, attempts = attempts + 1,
     max_attempts = max_attempts + (state = 'active')::int, interruptions = interruptions + (state = 'active')::int,
     dispatched_at = coalesce(dispatched_at, now()), started_at = now(), finished_at = NULL
   WHERE id = $1 AND (state IN ('waiting', 'delayed') OR state = 'active' AND interruptions < ${MAX_INTERRUPTIONS})
   RETURNING ${JOB_COLUMNS}`,
);
const GIVE_UP = statement(
  'jobs.give-up',
  `UPDATE jobs SET state = 'failed', error = $2, finished_at = now()
   WHERE id = $1 AND state = 'active' AND interruptions >= ${MAX_INTERRUPTIONS} RETURNING id`,
);
const PROGRESS = statement(
  'jobs.progress',
  `UPDATE jobs SET progress = $3 WHERE id = $1 AND attempts = $2 AND state = 'active'`,
);
const COMPLETE = statement(
  'jobs.complete',
  `UPDATE jobs SET state = 'completed', progress = 100, result = $3, error = NULL, checkpoint = NULL, finished_at = now()
   WHERE id = $1 AND attempts = $2 AND state = 'active' RETURNING id`,
);
const CHECKPOINT = statement(
  'jobs.checkpoint',
  `UPDATE jobs SET checkpoint = $3, progress = $4, interruptions = 0
   WHERE id = $1 AND attempts = $2 AND state = 'active' RETURNING id`,
);
const SUPERSEDED = statement(
  'jobs.superseded',
  `SELECT mine.id, mine.attempt FROM unnest($1::uuid[], $2::int[]) AS mine (id, attempt)
   WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.id = mine.id AND attempts = mine.attempt AND state = 'active')`,
);
const FAIL = statement(
  'jobs.fail',
  `UPDATE jobs SET error = $3,
     state = CASE WHEN $4 AND attempts < max_attempts THEN 'delayed' ELSE 'failed' END,
     finished_at = CASE WHEN $4 AND attempts < max_attempts THEN NULL ELSE now() END
   WHERE id = $1 AND attempts = $2 AND state = 'active' RETURNING state`,
);
const HAND_BACK = statement(
  'jobs.hand-back',
  `UPDATE jobs SET state = 'waiting', progress = ${PROGRESS_OF_CHECKPOINT}, max_attempts = max_attempts + 1
   WHERE id = $1 AND attempts = $2 AND state = 'active'`,
);
const INTERRUPT = statement(
  'jobs.interrupt',
  `UPDATE jobs SET state = 'waiting', progress = ${PROGRESS_OF_CHECKPOINT}, max_attempts = max_attempts + 1,
     interruptions = interruptions + 1
   WHERE id = $1 AND attempts = $2 AND state = 'active' AND interruptions < ${MAX_INTERRUPTIONS} RETURNING id`,
);

/** What the worker writes about the jobs that it runs. */
@Injectable()
export class JobRunsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /**
   * Begins an attempt; null when nothing is left to do: the job is finished, cancelled, or gone with its owner, or it is
   * to be given up. Committed after the job was, so what the job then reads of a follower holds all that its requester
   * had seen.
   */
  async start(id: string): Promise<Job | null> {
    return (await this.primary.write<Job>(undefined, START, [id]))[0] ?? null;
  }

  /** Fails a job that has lost too many workers; false when it has not. */
  async giveUp(id: string, failure: JobFailure): Promise<boolean> {
    return (await this.primary.query(GIVE_UP, [id, JSON.stringify(failure)])).length > 0;
  }

  /** Shows the attempt's progress in percent. A no-op once another attempt has taken over. */
  async setProgress({ id, attempt }: JobAttempt, percent: number): Promise<void> {
    await this.primary.query(PROGRESS, [id, attempt, percent]);
  }

  /**
   * Stores the result. Call it inside the transaction of the job's effect: false means that the job was cancelled or is
   * another attempt's by now, and the caller must roll its effect back.
   */
  async complete({ id, attempt }: JobAttempt, result: unknown): Promise<boolean> {
    return (await this.primary.query(COMPLETE, [id, attempt, JSON.stringify(result ?? null)])).length > 0;
  }

  /** Stores how far the job has come. As `complete`: inside the step's transaction, and false means roll back. */
  async setCheckpoint({ id, attempt }: JobAttempt, checkpoint: object, percent: number): Promise<boolean> {
    return (await this.primary.query(CHECKPOINT, [id, attempt, JSON.stringify(checkpoint), percent])).length > 0;
  }

  /** Those of the attempts that are over: cancelled, taken over, or gone with their job. */
  findSuperseded(attempts: readonly JobAttempt[]): Promise<JobAttempt[]> {
    const values = [attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)];
    return this.primary.query<JobAttempt>(SUPERSEDED, values);
  }

  /**
   * Stores why an attempt failed.
   *
   * @returns whether another attempt follows; undefined when another worker has the job in hand by now.
   */
  async fail({ id, attempt }: JobAttempt, failure: JobFailure, isRetryable: boolean): Promise<boolean | undefined> {
    const values = [id, attempt, JSON.stringify(failure), isRetryable];
    const [row] = await this.primary.query<{ state: string }>(FAIL, values);
    return row && row.state === 'delayed';
  }

  /** Gives an attempt back that could not end for reasons of the worker's: it waits again and the attempt is not counted. */
  async handBack({ id, attempt }: JobAttempt): Promise<void> {
    await this.primary.query(HAND_BACK, [id, attempt]);
  }

  /** As `handBack`, for a server that was lost; false when that happened too often, or when the attempt is over. */
  async interrupt({ id, attempt }: JobAttempt): Promise<boolean> {
    return (await this.primary.query(INTERRUPT, [id, attempt])).length > 0;
  }
}
