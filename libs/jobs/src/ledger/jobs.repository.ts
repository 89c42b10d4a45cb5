import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { QueueName } from '../queues/queue-names.js';
import { JOB_COLUMNS, type Job } from './job.js';
import type { JobListPosition } from './job-list-cursor.js';

/** A job before it has an id. */
export interface NewJob {
  organizationId: number;
  type: string;
  queue: QueueName;
  maxAttempts: number;
  payload: object;
  requestId: string | null;
}

const INSERT = statement(
  'jobs.insert',
  `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload, request_id)
   VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${JOB_COLUMNS}`,
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
const LIST = statement(
  'jobs.list',
  `SELECT ${JOB_COLUMNS} FROM jobs WHERE organization_id = $1
   ORDER BY jobs.created_at DESC, id LIMIT $2`,
);
const LIST_AFTER = statement(
  'jobs.list-after',
  `SELECT ${JOB_COLUMNS} FROM jobs
   WHERE organization_id = $1 AND jobs.created_at <= $3::timestamptz
     AND (jobs.created_at < $3::timestamptz OR id > $4)
   ORDER BY jobs.created_at DESC, id LIMIT $2`,
);
const RESTART = statement(
  'jobs.restart',
  `UPDATE jobs SET state = 'waiting', progress = 0, error = NULL, result = NULL, max_attempts = attempts + $3,
     dispatched_at = NULL, started_at = NULL, finished_at = NULL
   WHERE organization_id = $1 AND id = $2 AND state = 'failed' RETURNING ${JOB_COLUMNS}`,
);

/** What the one who asks for jobs writes and reads. The worker's side is `JobRunsRepository`. */
@Injectable()
export class JobsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async insert(job: NewJob): Promise<Job> {
    const values = [job.organizationId, job.type, job.queue, job.maxAttempts, JSON.stringify(job.payload)];
    const [row] = await this.primary.write<Job>(undefined, INSERT, [...values, job.requestId]);
    if (row === undefined) throw new Error('The inserted job was not returned');
    return row;
  }

  /**
   * One job for each organization made before the given time, with `organization_id` put into its payload. The ids are
   * made of type, occasion and organization, so that asking twice for the same occasion adds nothing.
   *
   * @returns how many were new.
   */
  async insertOnceForEachOrganization(
    occasion: string,
    job: Omit<NewJob, 'organizationId' | 'requestId'>,
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
  async list(organizationId: number, limit: number, after?: JobListPosition): Promise<Job[]> {
    if (after === undefined) return this.primary.query<Job>(LIST, [organizationId, limit]);
    return this.primary.query<Job>(LIST_AFTER, [organizationId, limit, after.createdAt, after.id]);
  }

  /** Makes a failed job wait again, with as many attempts as given; null when there is no such failed job. */
  async restart(organizationId: number, id: string, attempts: number): Promise<Job | null> {
    return (await this.primary.write<Job>(undefined, RESTART, [organizationId, id, attempts]))[0] ?? null;
  }
}
