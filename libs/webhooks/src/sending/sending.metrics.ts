import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';

export const SENDING_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: 'webhook_attempts_total',
    help: 'Attempts at deliveries, by result (delivered, failed, gone, refused)',
    labelNames: ['result'],
  }),
  makeHistogramProvider({
    name: 'webhook_attempt_seconds',
    help: 'Time until receivers had answered, or the attempt was given up',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
];

/** What is counted about sending; receivers have no label, for there is no end of them. */
@Injectable()
export class SendingMetrics {
  constructor(
    @InjectMetric('webhook_attempts_total') readonly attempts: Counter,
    @InjectMetric('webhook_attempt_seconds') readonly duration: Histogram,
  ) {}
}
