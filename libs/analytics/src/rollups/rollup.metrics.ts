import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
import { RollupsRepository } from './rollups.repository.js';

export const ROLLUP_METRIC_PROVIDERS = [
  makeCounterProvider({ name: 'analytics_rollup_deltas_folded_total', help: 'Deltas that this process has folded' }),
  makeGaugeProvider({
    name: 'analytics_rollup_fold_age_seconds',
    help: 'Since this process has last found nothing left to fold; absent before it has once',
  }),
  makeGaugeProvider({ name: 'analytics_rollup_waiting_deltas', help: 'Deltas that are not yet in the totals' }),
  makeGaugeProvider({
    name: 'analytics_rollup_drift',
    help: 'Totals that the last check by this process found to differ from a recount; absent before its first',
  }),
];

/** What is counted of the rollups where they are folded and checked, which is the worker. */
@Injectable()
export class RollupMetrics implements OnModuleInit {
  private drainedAt: number | undefined;

  constructor(
    @InjectMetric('analytics_rollup_deltas_folded_total') private readonly folded: Counter,
    @InjectMetric('analytics_rollup_fold_age_seconds') private readonly age: Gauge,
    @InjectMetric('analytics_rollup_waiting_deltas') private readonly waiting: Gauge,
    @InjectMetric('analytics_rollup_drift') private readonly drift: Gauge,
    private readonly rollups: RollupsRepository,
  ) {}

  onModuleInit(): void {
    this.age.remove();
    this.drift.remove();
    this.waiting.remove();
    Object.assign(this.age, { collect: () => this.showAge() });
    Object.assign(this.waiting, { collect: () => this.showWaiting() });
  }

  countFolded(deltas: number): void {
    this.folded.inc(deltas);
  }

  noteDrained(): void {
    this.drainedAt = performance.now();
  }

  showDrift(totals: number): void {
    this.drift.set(totals);
  }

  private showAge(): void {
    if (this.drainedAt !== undefined) this.age.set((performance.now() - this.drainedAt) / 1_000);
  }

  private async showWaiting(): Promise<void> {
    const count = await this.rollups.countWaiting().catch(() => undefined);
    this.waiting.remove();
    if (count !== undefined) this.waiting.set(count);
  }
}
