import { PrimaryDatabase, statement } from '@app/database';
import type { Actor } from '@app/logging';
import { Injectable } from '@nestjs/common';
import type { QueueName } from '../queues/queue-names.js';
import { JOB_COLUMNS, type Job } from './job.js';
import { type JobFilters, jobList } from './job-list.sql.js';
import type { JobListPosition } from './job-list-cursor.js';

/** A job before it has an id. */
export interface NewJob {
  organizationId: number;
  type: string;
  queue: QueueName;
  maxAttempts: number;
  payload: object;
  requestId: string | null;
  requestedBy: Actor | null;
  idempotency?: { key: string; requestHash: string } | undefined;
}

/** What an idempotency key stands for. */
export interface KeyedJob {
  job: Job;
  requestHash: string;
}

const INSERT = statement(
  'jobs.insert',
  `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload, request_id, requested_by, idempotency_key,
     request_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
   RETURNING ${JOB_COLUMNS}`,
);
const FREE_KEY = statement(
  'jobs.free-key',
  `UPDATE jobs SET idempotency_key = NULL
   WHERE organization_id = $1 AND idempotency_key = $2 AND jobs.created_at < now() - make_interval(hours => $3)`,
);
const FIND_BY_KEY = statement(
  'jobs.find-by-key',
  `SELECT ${JOB_COLUMNS}, request_hash AS "requestHash" FROM jobs WHERE organization_id = $1 AND idempotency_key = $2`,
);
const INSERT_ONCE_FOR_EACH = statement(
  'jobs.insert-once-for-each-organization',
  `INSERT INTO jobs (id, organization_id, type, queue, max_attempts, payload)
   SELECT md5(concat_ws(':', 'once', $1::text, $2::text, o.id))::uuid, o.id, $1, $3, $4,
          jsonb_build_object('organization_id', o.id) || $5::jsonb
   FROM organizations o WHERE o.created_at < $6::timestamptz
   ON CONFLICT (id) DO NOTHING RETURNING id`,
);
const FIND = statement('jobs.find', `SELECT ${JOB_COLUMNS} FROM jobs WHERE organization_id = $1 AND id = $2`);
const RESTART = statement(
  'jobs.restart',
  `UPDATE jobs SET state = 'waiting', progress = CASE WHEN checkpoint IS NULL THEN 0 ELSE progress END,
     error = NULL, result = NULL, max_attempts = attempts + $3, interruptions = 0,
     dispatched_at = NULL, started_at = NULL, finished_at = NULL
   WHERE organization_id = $1 AND id = $2 AND state IN ('failed', 'cancelled') RETURNING ${JOB_COLUMNS}`,
);
const CANCEL = statement(
  'jobs.cancel',
  `UPDATE jobs SET state = 'cancelled', finished_at = now()
   WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'delayed', 'active') RETURNING ${JOB_COLUMNS}`,
);
const COUNT_BY_QUEUE = statement(
  'jobs.count-by-queue',
  'SELECT queue, state, count(*)::int AS count FROM jobs GROUP BY queue, state',
);
const DELETE_FINISHED = statement(
  'jobs.delete-finished',
  `DELETE FROM jobs WHERE id IN (
     SELECT id FROM jobs WHERE finished_at < now() - make_interval(days => $1)
     ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id`,
);

/** What the one who asks for jobs writes and reads. The worker's side is `JobRunsRepository`. */
@Injectable()
export class JobsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Null when the organization has a job with the same idempotency key. */
  async insert(job: NewJob): Promise<Job | null> {
    const { requestId, requestedBy, idempotency } = job;
    const [row] = await this.primary.write<Job>(undefined, INSERT, [
      job.organizationId,
      job.type,
      job.queue,
      job.maxAttempts,
      JSON.stringify(job.payload),
      requestId,
      requestedBy && JSON.stringify(requestedBy),
      idempotency?.key ?? null,
      idempotency?.requestHash ?? null,
    ]);
    return row ?? null;
  }

  /** Makes a key usable again that stands for a job older than `hours`. */
  async freeKey(organizationId: number, key: string, hours: number): Promise<void> {
    await this.primary.query(FREE_KEY, [organizationId, key, hours]);
  }

  async findByKey(organizationId: number, key: string): Promise<KeyedJob | null> {
    const [row] = await this.primary.query<Job & { requestHash: string }>(FIND_BY_KEY, [organizationId, key]);
    if (row === undefined) return null;
    const { requestHash, ...job } = row;
    return { job, requestHash };
  }

  /**
   * One job for each organization made before the given time, with `organization_id` put into its payload. The ids are
   * made of type, occasion and organization, so that asking twice for the same occasion adds nothing.
   *
   * @returns how many were new.
   */
  async insertOnceForEachOrganization(
    occasion: string,
    job: Omit<NewJob, 'organizationId' | 'requestId' | 'requestedBy'>,
    madeBefore: string,
  ): Promise<number> {
    const { type, queue, maxAttempts, payload } = job;
    const values = [type, occasion, queue, maxAttempts, JSON.stringify(payload), madeBefore];
    return (await this.primary.query(INSERT_ONCE_FOR_EACH, values)).length;
  }

  async find(organizationId: number, id: string): Promise<Job | null> {
    return (await this.primary.query<Job>(FIND, [organizationId, id]))[0] ?? null;
  }

  /** Newest first, from behind the position on. */
  list(organizationId: number, limit: number, filters: JobFilters, after?: JobListPosition): Promise<Job[]> {
    const { query, values } = jobList(organizationId, limit, filters, after);
    return this.primary.query<Job>(query, values);
  }

  /** Ends a job before it has ended; null when there is no such job, or it has ended. */
  async cancel(organizationId: number, id: string): Promise<Job | null> {
    return (await this.primary.write<Job>(undefined, CANCEL, [organizationId, id]))[0] ?? null;
  }

  /** Over all organizations. */
  countByQueue(): Promise<{ queue: string; state: string; count: number }[]> {
    return this.primary.query(COUNT_BY_QUEUE);
  }

  /** Deletes up to `limit` jobs that ended more than so many days ago, of all organizations; says how many. */
  async deleteFinished(days: number, limit: number): Promise<number> {
    return (await this.primary.query(DELETE_FINISHED, [days, limit])).length;
  }

  /** Makes a failed or cancelled job wait again, with as many attempts as given; null when there is no such job. */
  async restart(organizationId: number, id: string, attempts: number): Promise<Job | null> {
    return (await this.primary.write<Job>(undefined, RESTART, [organizationId, id, attempts]))[0] ?? null;
  }
}
