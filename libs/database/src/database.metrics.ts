import { Injectable } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, Histogram } from 'prom-client';
import { FOLLOWER_STATES, type FollowerState } from './routing/follower-state.js';
import type { FollowerTransition } from './routing/follower-supervisor.js';

/** Providers of every metric that this library writes. */
export const DATABASE_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: 'db_route_total',
    help: 'Reads by the server that answered and why',
    labelNames: ['target', 'reason'],
  }),
  makeCounterProvider({
    name: 'db_route_retry_total',
    help: 'Reads that failed on a follower and were asked again of the primary',
    labelNames: ['code', 'outcome'],
  }),
  makeGaugeProvider({
    name: 'db_follower_state',
    help: '1 for the state that each follower is in, 0 for the others',
    labelNames: ['follower', 'state'],
  }),
  makeCounterProvider({
    name: 'db_follower_transitions_total',
    help: 'Changes of a follower from one state to another',
    labelNames: ['from', 'to', 'cause'],
  }),
  makeCounterProvider({
    name: 'db_probe_discarded_total',
    help: 'Probe verdicts thrown away because this process was blocked meanwhile',
  }),
  makeCounterProvider({ name: 'db_fallback_shed_total', help: 'Reads refused because the fallback pool was full' }),
  makeGaugeProvider({ name: 'db_primary_up', help: '1 while the primary answers and takes writes' }),
  makeHistogramProvider({
    name: 'db_read_staleness_bound_seconds',
    help: 'Upper bound of the age of answers from a follower, as served',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600],
  }),
  makeHistogramProvider({
    name: 'db_follower_probe_seconds',
    help: 'How long looks at a follower took, failed ones included',
    labelNames: ['follower'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.4, 1],
  }),
  makeCounterProvider({
    name: 'db_token_checks_total',
    help: 'Reads that had to hold a position: satisfied at once, waited, behind (primary), reset, beyond-primary',
    labelNames: ['result'],
  }),
  makeGaugeProvider({
    name: 'db_follower_staleness_bound_seconds',
    help: 'Upper bound of how far each follower is behind the primary now; absent where none is known',
    labelNames: ['follower'],
  }),
  makeGaugeProvider({
    name: 'db_follower_replay_lag_bytes',
    help: 'Bytes of the primary’s log that each follower has yet to replay',
    labelNames: ['follower'],
  }),
  makeHistogramProvider({
    name: 'db_token_wait_seconds',
    help: 'How long reads waited for a follower to replay what they had to hold',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 1, 10],
  }),
];

/** What the database library counts. Label sets of hot counters are resolved once. */
@Injectable()
export class DatabaseMetrics {
  private readonly routeCounters = new Map<string, Counter.Internal>();

  constructor(
    @InjectMetric('db_route_total') private readonly routes: Counter,
    @InjectMetric('db_route_retry_total') readonly retries: Counter,
    @InjectMetric('db_follower_state') private readonly followerState: Gauge,
    @InjectMetric('db_follower_transitions_total') private readonly transitions: Counter,
    @InjectMetric('db_probe_discarded_total') readonly probeDiscarded: Counter,
    @InjectMetric('db_fallback_shed_total') readonly fallbackShed: Counter,
    @InjectMetric('db_primary_up') readonly primaryUp: Gauge,
    @InjectMetric('db_read_staleness_bound_seconds') readonly servedStaleness: Histogram,
    @InjectMetric('db_follower_probe_seconds') readonly followerProbe: Histogram,
    @InjectMetric('db_token_checks_total') readonly tokenChecks: Counter,
    @InjectMetric('db_token_wait_seconds') readonly tokenWait: Histogram,
    @InjectMetric('db_follower_staleness_bound_seconds') readonly followerStaleness: Gauge,
    @InjectMetric('db_follower_replay_lag_bytes') readonly followerLag: Gauge,
  ) {
    // Alerts ask for their growth, and Prometheus sees none in a series that only appears.
    this.transitions.inc({ from: 'open', to: 'ramp', cause: 'recovered' }, 0);
    this.tokenChecks.inc({ result: 'beyond-primary' }, 0);
  }

  /** How often each route was taken, for each reason, since the start. */
  async routeCounts(): Promise<{ target: string; reason: string; count: number }[]> {
    const { values } = await this.routes.get();
    return values.map(({ labels, value }) => ({
      target: String(labels.target),
      reason: String(labels.reason),
      count: value,
    }));
  }

  countRoute(target: string, reason: string): void {
    const key = `${target} ${reason}`;
    let counter = this.routeCounters.get(key);
    if (counter === undefined) {
      counter = this.routes.labels(target, reason);
      this.routeCounters.set(key, counter);
    }
    counter.inc();
  }

  countTransition({ follower, from, to, cause }: FollowerTransition): void {
    this.transitions.inc({ from, to, cause });
    this.showFollowerState(follower, to);
  }

  showFollowerState(follower: string, state: FollowerState): void {
    for (const candidate of FOLLOWER_STATES) {
      this.followerState.set({ follower, state: candidate }, candidate === state ? 1 : 0);
    }
  }
}
