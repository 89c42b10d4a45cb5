import { randomUUID } from 'node:crypto';
import { Configuration } from '@app/config';
import { JobWorkers } from '@app/jobs';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { QueueWorkers } from './queue-workers.service.js';
import { RecentStarts } from './recent-starts.service.js';

export const WORKER_METRIC_PROVIDERS = [
  makeGaugeProvider({ name: 'worker_slots', help: 'Jobs that this process runs at once' }),
  makeGaugeProvider({ name: 'worker_slots_busy', help: 'Slots of this process in use' }),
];

/** Tells the deployment, and whoever reads metrics, how busy this process is. */
@Injectable()
export class WorkerReports implements OnModuleInit {
  private readonly id = randomUUID();

  constructor(
    @InjectMetric('worker_slots') private readonly slots: Gauge,
    @InjectMetric('worker_slots_busy') private readonly busy: Gauge,
    private readonly reports: JobWorkers,
    private readonly workers: QueueWorkers,
    private readonly starts: RecentStarts,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  onModuleInit(): void {
    this.slots.set(this.configuration.worker.slots);
    Object.assign(this.busy, { collect: () => this.busy.set(this.workers.busy) });
  }

  /** To be called every second. */
  report(): Promise<void> {
    const { slots } = this.configuration.worker;
    return this.reports.report({ id: this.id, slots, busy: this.workers.busy, started: this.starts.counts });
  }

  /** Where nobody can be told, the deployment takes silence for the same. */
  async leave(): Promise<void> {
    await this.reports.leave(this.id).catch(() => undefined);
  }
}
