import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';

export const REQUEST_METRIC_PROVIDERS = [
  makeHistogramProvider({
    name: 'http_request_duration_seconds',
    help: 'Time to answer by method, route template and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  }),
  makeCounterProvider({
    name: 'http_request_errors_total',
    help: 'Answers with a status of 500 and above',
    labelNames: ['method', 'route', 'status'],
  }),
];

/** Counts and times requests. Labels are resolved once for each method, route and status. */
@Injectable()
export class RequestMetrics {
  private readonly observers = new Map<string, { observe(seconds: number): void }>();

  constructor(
    @InjectMetric('http_request_duration_seconds') private readonly durations: Histogram,
    @InjectMetric('http_request_errors_total') private readonly errors: Counter,
  ) {}

  /** @param route the template, such as `/api/customers/:id`, so that ids never become labels. */
  observe(method: string, route: string, status: number, seconds: number): void {
    const key = `${method} ${route} ${status}`;
    let observer = this.observers.get(key);
    if (observer === undefined) {
      observer = this.durations.labels(method, route, String(status));
      this.observers.set(key, observer);
    }
    observer.observe(seconds);
    if (status >= 500) this.errors.inc({ method, route, status: String(status) });
  }
}
