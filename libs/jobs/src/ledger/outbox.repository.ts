import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { QueueName } from '../queues/queue-names.js';

/** What the queue is told of a job; all else is read from its row when it runs. */
export interface OutboxJob {
  id: string;
  type: string;
  queue: QueueName;
  requestId: string | null;
  /** Above 0: it ran before, so the queue may still hold its finished entry. */
  attempts: number;
}

const COLUMNS = `id, type, queue, request_id AS "requestId", attempts`;

const LOCK_WAITING = statement(
  'jobs.lock-waiting',
  `SELECT ${COLUMNS} FROM jobs WHERE queue = $1 AND state = 'waiting' AND dispatched_at IS NULL
   ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
);
const QUEUES_WAITING = statement(
  'jobs.queues-waiting',
  `SELECT queue FROM unnest($1::text[]) AS queue
   WHERE EXISTS (SELECT FROM jobs WHERE jobs.queue = queue.queue AND state = 'waiting' AND dispatched_at IS NULL)`,
);
const LOCK_SILENT = statement(
  'jobs.lock-silent',
  `SELECT ${COLUMNS} FROM jobs
   WHERE state IN ('waiting', 'delayed', 'active') AND dispatched_at < now() - make_interval(secs => $2)
   ORDER BY dispatched_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
);
const MARK = statement('jobs.mark-dispatched', 'UPDATE jobs SET dispatched_at = now() WHERE id = ANY($1::uuid[])');
const COUNT = statement(
  'jobs.count-undispatched',
  `SELECT count(*)::int AS count FROM jobs WHERE state = 'waiting' AND dispatched_at IS NULL`,
);

/** The rows of `jobs` as the list of what the queue has yet to be told. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Which of the queues have jobs that were never handed over. */
  async queuesWaiting(queues: readonly QueueName[]): Promise<QueueName[]> {
    return (await this.primary.query<{ queue: QueueName }>(QUEUES_WAITING, [queues])).map(({ queue }) => queue);
  }

  /** Jobs of one queue that were never handed over, oldest first; call it in a transaction, so that no other worker takes the same. */
  lockWaiting(queue: QueueName, limit: number): Promise<OutboxJob[]> {
    return this.primary.query<OutboxJob>(LOCK_WAITING, [queue, limit]);
  }

  /** Unfinished jobs that were handed over longer ago than `seconds`, in which time the queue may have lost them. */
  lockSilent(limit: number, seconds: number): Promise<OutboxJob[]> {
    return this.primary.query<OutboxJob>(LOCK_SILENT, [limit, seconds]);
  }

  async markDispatched(ids: string[]): Promise<void> {
    if (ids.length > 0) await this.primary.query(MARK, [ids]);
  }

  async countWaiting(): Promise<number> {
    return (await this.primary.query<{ count: number }>(COUNT))[0]?.count ?? 0;
  }
}
