import { PrimaryDatabase, statement } from '@app/database';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Gauge } from 'prom-client';
import { type HorizonSample, HorizonWatch } from './change-log-delay.js';

export const CHANGE_LOG_METRIC_PROVIDERS = [
  makeGaugeProvider({
    name: 'change_log_delay_seconds',
    help: 'How long one open write transaction has been holding back the change log; 0 while none does',
  }),
];

const LOOK_EVERY_MS = 1_000;
/** It needs no privilege, and sees transactions of other databases and prepared ones, which hold the log back as well. */
const LOOK = statement(
  'change-log-horizon',
  `SELECT pg_snapshot_xmin(s)::text AS horizon, pg_snapshot_xmin(s) < pg_snapshot_xmax(s) AS "isHeldBack"
   FROM pg_current_snapshot() s`,
);

/** Watches for transactions that stay open after they have written: until their end readers hear of nothing behind them. */
@Injectable()
export class ChangeLogDelay implements OnModuleInit, OnApplicationShutdown {
  private readonly watch = new HorizonWatch();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly primary: PrimaryDatabase,
    @InjectMetric('change_log_delay_seconds') private readonly seconds: Gauge,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const at = performance.now();
    const rows = await this.primary.query<HorizonSample>(LOOK).catch(() => []);
    for (const sample of rows) this.seconds.set(this.watch.note(sample, at) / 1000);
  }
}
