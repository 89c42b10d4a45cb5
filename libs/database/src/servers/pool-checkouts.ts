import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';

export const CHECKOUT_METRIC_PROVIDERS = [
  makeHistogramProvider({
    name: 'db_pool_checkout_seconds',
    help: 'How long callers waited for a connection of the pool',
    labelNames: ['pool'],
    buckets: [0.0005, 0.005, 0.02, 0.1, 0.5, 2],
  }),
  makeCounterProvider({
    name: 'db_pool_checkout_timeouts_total',
    help: 'Callers that got no connection of the pool in time',
    labelNames: ['pool'],
  }),
];

/** Counts how long callers wait for connections, by pool. */
@Injectable()
export class PoolCheckouts {
  constructor(
    @InjectMetric('db_pool_checkout_seconds') private readonly seconds: Histogram,
    @InjectMetric('db_pool_checkout_timeouts_total') private readonly timeouts: Counter,
  ) {}

  /** The counters of one pool, resolved once: a checkout happens on every statement. */
  of(pool: string): CheckoutCounters {
    const seconds = this.seconds.labels(pool);
    const timeouts = this.timeouts.labels(pool);
    return { waited: (value) => seconds.observe(value), timedOut: () => timeouts.inc() };
  }
}

export interface CheckoutCounters {
  /** @param seconds that a caller waited. */
  waited(seconds: number): void;
  timedOut(): void;
}
