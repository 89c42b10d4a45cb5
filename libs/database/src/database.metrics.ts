import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge } from 'prom-client';
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
  ) {}

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
    this.transitions.inc({ from, to, cause: cause.slice(0, 60) });
    this.showFollowerState(follower, to);
  }

  showFollowerState(follower: string, state: FollowerState): void {
    for (const candidate of FOLLOWER_STATES) {
      this.followerState.set({ follower, state: candidate }, candidate === state ? 1 : 0);
    }
  }
}
