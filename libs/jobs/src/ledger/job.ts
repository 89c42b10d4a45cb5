import type { Actor } from '@app/logging';
import type { QueueName } from '../queues/queue-names.js';

export const JOB_STATES = ['waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Why the last attempt failed, in words for the person who asked for the job. */
export interface JobFailure {
  code: string;
  message: string;
}

/** A job as the table `jobs` tells it, which is the truth about it whatever the queue says. Times are RFC 3339, UTC. */
export interface Job {
  id: string;
  organizationId: number;
  type: string;
  queue: QueueName;
  state: JobState;
  /** Percent of the attempt at hand. */
  progress: number;
  /** How often it was started. */
  attempts: number;
  maxAttempts: number;
  payload: unknown;
  result: unknown;
  /** Stays from a failed attempt until another one succeeds. */
  error: JobFailure | null;
  requestId: string | null;
  requestedBy: Actor | null;
  /** What the last finished step of a long job noted; where its next attempt goes on. */
  checkpoint: unknown;
  createdAt: string;
  /** Of the last attempt. */
  startedAt: string | null;
  finishedAt: string | null;
}

const time = (column: string, name: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "${name}"`;

/** The select list that makes a `Job` of a row of `jobs`. */
export const JOB_COLUMNS = `id, organization_id AS "organizationId", type, queue, state, progress, attempts,
  max_attempts AS "maxAttempts", payload, result, error, request_id AS "requestId",
  requested_by AS "requestedBy", checkpoint,
  ${time('created_at', 'createdAt')}, ${time('started_at', 'startedAt')}, ${time('finished_at', 'finishedAt')}`;
