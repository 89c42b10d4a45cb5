import { loadConfiguration } from '@app/config';
import { createLogger } from '@app/logging';
import { Counter, Gauge, Histogram } from 'prom-client';
import { DataSource } from 'typeorm';
import { DatabaseMetrics } from '../../libs/database/src/database.metrics.js';
import { ClientTokens } from '../../libs/database/src/routing/client-tokens.service.js';
import { DrainedFollowers } from '../../libs/database/src/routing/drained-followers.service.js';
import { FollowerChoice } from '../../libs/database/src/routing/follower-choice.service.js';
import { FollowerFactory } from '../../libs/database/src/routing/follower-factory.service.js';
import type { FollowerSupervisor } from '../../libs/database/src/routing/follower-supervisor.js';
import { Followers } from '../../libs/database/src/routing/followers.service.js';
import { dataSourceOptions } from '../../libs/database/src/servers/data-source-options.js';
import { DatabasePools } from '../../libs/database/src/servers/database-pools.service.js';
import { FollowerDataSource } from '../../libs/database/src/servers/follower-data-source.service.js';
import { PoolCheckouts } from '../../libs/database/src/servers/pool-checkouts.js';
import { PrimaryLog } from '../../libs/database/src/servers/primary-log.service.js';
import { PrimaryMonitor } from '../../libs/database/src/servers/primary-monitor.service.js';
import type { ServerSighting } from '../../libs/database/src/servers/server-probe.js';
import type { Verdict } from '../../libs/database/src/servers/server-watch.js';

export const IDLE_SYSTEM = { systemId: '7400000000000000001', timeline: 1 };

type Seen = Partial<ServerSighting>;

/** The parts of routing as they are, but nobody looks at any server: a test tells what the looks have found. */
export interface IdleRouting {
  log: PrimaryLog;
  monitor: PrimaryMonitor;
  followers: Followers;
  choice: FollowerChoice;
  tokens: ClientTokens;
  /** How often each result of a token check was counted. */
  tokenChecks(): Promise<Record<string, number>>;
  primarySeen(sighting?: Seen): void;
  primaryMissed(): void;
  followerSeen(index: number, sighting?: Seen): void;
  followerMissed(index: number): void;
}

export function idleRouting(followerCount: number): IdleRouting {
  const urls = Array.from({ length: followerCount }, (_, index) => `postgres://follower-${index + 1}.invalid/x`);
  const variables = { DATABASE_URL: 'postgres://primary.invalid/x', ANALYTICS_DB_URL: urls.join() };
  const configuration = loadConfiguration(variables, { tokens: false });
  const logger = createLogger({ level: 'silent', name: 'test' });
  const log = new PrimaryLog();
  const checkouts = new PoolCheckouts(histogram(['pool']), counter(['pool']));
  const pools = new DatabasePools(configuration, checkouts, log, gauge(['pool', 'state']), gauge(['pool']));
  // Whoever wants a connection all the same is refused at once.
  for (const pool of pools.all) void pool.end();
  const tokenChecks = counter(['result']);
  const metrics = new DatabaseMetrics(
    counter(['target', 'reason']),
    counter(['code', 'outcome']),
    gauge(['follower', 'state']),
    counter(['from', 'to', 'cause']),
    counter([]),
    counter([]),
    gauge([]),
    histogram([]),
    histogram(['follower']),
    tokenChecks,
    histogram([]),
    gauge(['follower']),
    gauge(['follower']),
  );
  const monitor = new PrimaryMonitor(configuration, pools, log, metrics, logger);
  const drained = new DrainedFollowers(pools, monitor, logger);
  // It would connect as soon as a follower is seen.
  const source = new DataSource(dataSourceOptions(pools.fallback));
  Object.defineProperty(source, 'isInitialized', { value: true });
  const ofTypeOrm = new FollowerDataSource(source, pools, monitor);
  const factory = new FollowerFactory(configuration, pools, log, metrics, logger);
  const followers = new Followers(factory, monitor, ofTypeOrm, drained);
  const choice = new FollowerChoice(followers, monitor);
  const tellPrimary = (verdict: Verdict): void => heard(monitor, 'watch').onVerdict(verdict);
  const tell = (index: number, verdict: Verdict): void =>
    heard(followers.all[index] as FollowerSupervisor, 'watch').onVerdict(verdict);
  return {
    log,
    monitor,
    followers,
    choice,
    tokens: new ClientTokens(log, monitor, metrics),
    tokenChecks: async () => {
      const { values } = await tokenChecks.get();
      return Object.fromEntries(values.flatMap(({ labels, value }) => (value > 0 ? [[labels.result, value]] : [])));
    },
    primarySeen: (sighting) => tellPrimary(seen(false, sighting)),
    primaryMissed: () => tellPrimary(REFUSED),
    followerSeen: (index, sighting) => tell(index, seen(true, sighting)),
    followerMissed: (index) => tell(index, { ...REFUSED, cause: 'no-answer' }),
  };
}

const REFUSED: Verdict & { kind: 'missed' } = { kind: 'missed', cause: 'refused', detail: 'ECONNREFUSED', seconds: 0 };

function seen(isInRecovery: boolean, differences: Seen = {}): Verdict {
  const askedAt = performance.now();
  const sighting = { ...IDLE_SYSTEM, isInRecovery, lsn: 100n, segmentSize: 16_777_216, askedAt, ...differences };
  return { kind: 'seen', sighting, seconds: 0 };
}

/** Whoever would be told by a watch that looks. */
function heard(owner: object, name: string): { onVerdict(verdict: Verdict): void } {
  return (owner as Record<string, { onVerdict(verdict: Verdict): void }>)[name] as never;
}

let made = 0;
// Not in the process's registry: each test has its own.
const settings = (labelNames: string[]) => ({ name: `idle_${++made}`, help: 'x', labelNames, registers: [] });
const counter = (labelNames: string[]) => new Counter(settings(labelNames));
const gauge = (labelNames: string[]) => new Gauge(settings(labelNames));
const histogram = (labelNames: string[]) => new Histogram(settings(labelNames));
