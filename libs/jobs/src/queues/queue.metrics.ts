import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { QUEUE_NAMES } from './queue-names.js';
import { Queues } from './queues.service.js';

const LIMIT_MS = 1_000;

export const QUEUE_METRIC_PROVIDERS = [
  makeGaugeProvider({
    name: 'queue_jobs',
    help: 'Entries of the queues by state; none while the queue is away',
    labelNames: ['queue', 'state'],
  }),
  makeGaugeProvider({ name: 'queue_up', help: '1 when the queue answered the scrape, else 0' }),
];

/** Counts the queues' entries whenever metrics are read. */
@Injectable()
export class QueueMetrics implements OnModuleInit {
  constructor(
    @InjectMetric('queue_jobs') private readonly jobs: Gauge,
    @InjectMetric('queue_up') private readonly up: Gauge,
    private readonly queues: Queues,
  ) {}

  onModuleInit(): void {
    Object.assign(this.jobs, { collect: () => this.collect() });
  }

  private async collect(): Promise<void> {
    this.jobs.reset();
    const depths = await this.queues.depths(LIMIT_MS).catch(() => undefined);
    this.up.set(depths ? 1 : 0);
    if (depths === undefined) return;
    for (const queue of QUEUE_NAMES) {
      for (const [state, count] of Object.entries(depths[queue])) this.jobs.set({ queue, state }, count);
    }
  }
}
