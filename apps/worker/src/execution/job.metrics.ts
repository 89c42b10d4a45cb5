import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';

export const JOB_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: 'jobs_started_total',
    help: 'Attempts begun, by queue and job type',
    labelNames: ['queue', 'type'],
  }),
  makeCounterProvider({ name: 'jobs_completed_total', help: 'Jobs completed, by type', labelNames: ['type'] }),
  makeCounterProvider({
    name: 'jobs_failed_total',
    help: 'Attempts failed, by job type and what follows (retry, or none: the job has failed)',
    labelNames: ['type', 'next'],
  }),
  makeHistogramProvider({
    name: 'job_duration_seconds',
    help: 'Time of one attempt, by job type and outcome',
    labelNames: ['type', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  }),
];

/** What the worker counts about jobs. */
@Injectable()
export class JobMetrics {
  constructor(
    @InjectMetric('jobs_started_total') readonly started: Counter,
    @InjectMetric('jobs_completed_total') readonly completed: Counter,
    @InjectMetric('jobs_failed_total') readonly failed: Counter,
    @InjectMetric('job_duration_seconds') readonly duration: Histogram,
  ) {}
}
