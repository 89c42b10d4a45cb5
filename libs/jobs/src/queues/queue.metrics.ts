import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { OutboxRepository } from '../ledger/outbox.repository.js';
import { QUEUE_NAMES } from './queue-names.js';
import { type QueueDepths, Queues } from './queues.service.js';

const LIMIT_MS = 1_000;

export const QUEUE_METRIC_PROVIDERS = [
  makeGaugeProvider({
    name: 'queue_jobs',
    help: 'Entries of the queues by state; none while the queue is away',
    labelNames: ['queue', 'state'],
  }),
  makeGaugeProvider({ name: 'queue_up', help: '1 when the queue answered the scrape, else 0' }),
  makeGaugeProvider({ name: 'jobs_undispatched', help: 'Accepted jobs that the queue has not been told of' }),
];

/** Counts what is in the queues, and what has yet to get there, whenever metrics are read. */
@Injectable()
export class QueueMetrics implements OnModuleInit {
  private counting: Promise<QueueDepths | undefined> | undefined;

  constructor(
    @InjectMetric('queue_jobs') private readonly jobs: Gauge,
    @InjectMetric('queue_up') private readonly up: Gauge,
    @InjectMetric('jobs_undispatched') private readonly undispatched: Gauge,
    private readonly queues: Queues,
    private readonly outbox: OutboxRepository,
  ) {}

  onModuleInit(): void {
    Object.assign(this.jobs, { collect: () => this.showDepths() });
    Object.assign(this.up, { collect: async () => this.up.set((await this.depths()) ? 1 : 0) });
    Object.assign(this.undispatched, { collect: () => this.showUndispatched() });
  }

  private async showDepths(): Promise<void> {
    const depths = await this.depths();
    this.jobs.reset();
    if (depths === undefined) return;
    for (const queue of QUEUE_NAMES) {
      for (const [state, count] of Object.entries(depths[queue])) this.jobs.set({ queue, state }, count);
    }
  }

  private async showUndispatched(): Promise<void> {
    const count = await this.outbox.countWaiting().catch(() => undefined);
    this.undispatched.remove();
    if (count !== undefined) this.undispatched.set(count);
  }

  /** The gauges of one scrape share a count. */
  private depths(): Promise<QueueDepths | undefined> {
    this.counting ??= this.queues
      .depths(LIMIT_MS)
      .catch(() => undefined)
      .finally(() => {
        this.counting = undefined;
      });
    return this.counting;
  }
}
