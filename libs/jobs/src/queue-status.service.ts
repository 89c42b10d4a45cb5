import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import type { JobState } from './ledger/job.js';
import { JobsRepository } from './ledger/jobs.repository.js';
import { QUEUE_NAMES, QUEUE_WEIGHTS, type QueueName } from './queues/queue-names.js';
import { JobWorkers } from './workers/job-workers.service.js';
import type { WorkerReport } from './workers/worker-report.js';

type Counts = Record<Exclude<JobState, 'cancelled'>, number>;

export interface QueueReport extends Counts {
  name: QueueName;
  weight: number;
  /** Of the jobs that the workers started last (up to a thousand each), the part that was this queue's; 0 to 1. */
  startedShare: number;
}

export interface QueuesReport {
  queues: QueueReport[];
  /** Of all worker processes that are alive. */
  slots: { total: number; busy: number };
  backend: 'postgres' | 'redis';
}

/** How the queues of the whole deployment are. Jobs are counted in their table, whatever carries them. */
@Injectable()
export class QueueStatus {
  constructor(
    private readonly jobs: JobsRepository,
    private readonly workers: JobWorkers,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** @throws DomainError `primary_unavailable` */
  async report(): Promise<QueuesReport> {
    const [counts, workers] = await Promise.all([this.jobs.countByQueue(), this.workers.live()]);
    const sum = (value: (worker: WorkerReport) => number) => workers.reduce((total, each) => total + value(each), 0);
    const started = (name: QueueName) => sum((worker) => worker.started[name]);
    const all = QUEUE_NAMES.reduce((total, name) => total + started(name), 0);
    return {
      queues: QUEUE_NAMES.map((name) => ({
        name,
        weight: QUEUE_WEIGHTS[name],
        ...countsOf(name, counts),
        startedShare: all === 0 ? 0 : Math.round((started(name) / all) * 10_000) / 10_000,
      })),
      slots: { total: sum(({ slots }) => slots), busy: sum(({ busy }) => busy) },
      backend: this.configuration.redisUrl === undefined ? 'postgres' : 'redis',
    };
  }
}

function countsOf(name: QueueName, counts: readonly { queue: string; state: string; count: number }[]): Counts {
  const of = (state: JobState) => counts.find((each) => each.queue === name && each.state === state)?.count ?? 0;
  return {
    waiting: of('waiting'),
    delayed: of('delayed'),
    active: of('active'),
    completed: of('completed'),
    failed: of('failed'),
  };
}
