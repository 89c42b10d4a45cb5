import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { WorkerReport } from './worker-report.js';

const REPORT = statement(
  'job-workers.report',
  `INSERT INTO job_workers (id, slots, busy, started) VALUES ($1, $2, $3, $4)
   ON CONFLICT (id) DO UPDATE SET slots = $2, busy = $3, started = $4, reported_at = now()`,
);
const REMOVE = statement('job-workers.remove', 'DELETE FROM job_workers WHERE id = $1');
const REMOVE_DEAD = statement(
  'job-workers.remove-dead',
  'DELETE FROM job_workers WHERE reported_at < now() - make_interval(secs => $1)',
);
const LIVE = statement(
  'job-workers.live',
  `SELECT id, slots, busy, started FROM job_workers WHERE reported_at > now() - make_interval(secs => $1)`,
);

/** What the worker processes tell of themselves. */
@Injectable()
export class JobWorkersRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async report({ id, slots, busy, started }: WorkerReport): Promise<void> {
    await this.primary.query(REPORT, [id, slots, busy, JSON.stringify(started)]);
  }

  async remove(id: string): Promise<void> {
    await this.primary.query(REMOVE, [id]);
  }

  /** Removes the rows of workers that ended without saying so. */
  async removeSilent(seconds: number): Promise<void> {
    await this.primary.query(REMOVE_DEAD, [seconds]);
  }

  /** The workers that have reported within so many seconds. */
  live(seconds: number): Promise<WorkerReport[]> {
    return this.primary.query<WorkerReport>(LIVE, [seconds]);
  }
}
