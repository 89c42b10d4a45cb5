import type { DatabaseConfiguration } from './configuration.js';
import type { EnvironmentReader } from './environment-reader.js';

const POOL = { min: 1, max: 1000 };
const SMALL_POOL = { min: 1, max: 100 };
const TIME_LIMIT = { min: 50, max: 60_000 };
const PROBE = { min: 20, max: 60_000 };

/** Sizes and times of the databases' pools and probes; docs/operations.md says what each is for. */
export function readDatabaseSettings(
  read: EnvironmentReader,
  primaryUrl: string,
  followerUrls: string[],
): DatabaseConfiguration {
  return {
    primaryUrl,
    followerUrls,
    primaryPoolMax: read.integer('PRIMARY_POOL_MAX', 10, POOL),
    followerPoolMax: read.integer('FOLLOWER_POOL_MAX', 10, POOL),
    fallbackPoolMax: read.integer('FALLBACK_POOL_MAX', 5, SMALL_POOL),
    fallbackQueueMax: read.integer('FALLBACK_QUEUE_MAX', 64, { min: 1, max: 10_000 }),
    fallbackWaitMs: read.integer('FALLBACK_WAIT_MS', 2_000, TIME_LIMIT),
    streamPoolMax: read.integer('STREAM_POOL_MAX', 8, SMALL_POOL),
    statementTimeoutMs: read.integer('STATEMENT_TIMEOUT_MS', 15_000, { min: 100, max: 3_600_000 }),
    primaryConnectTimeoutMs: read.integer('PRIMARY_CONNECT_TIMEOUT_MS', 2_000, TIME_LIMIT),
    followerConnectTimeoutMs: read.integer('FOLLOWER_CONNECT_TIMEOUT_MS', 500, TIME_LIMIT),
    probeIntervalMs: read.integer('PROBE_INTERVAL_MS', 250, PROBE),
    probeTimeoutMs: read.integer('PROBE_TIMEOUT_MS', 400, PROBE),
    probeBlockedLimitMs: read.integer('PROBE_BLOCKED_LIMIT_MS', 200, PROBE),
    followerGoodProbes: read.integer('FOLLOWER_GOOD_PROBES', 3, { min: 1, max: 100 }),
    followerRampMs: read.integer('FOLLOWER_RAMP_MS', 1_000, { min: 0, max: 600_000 }),
    followerBackoffMaxMs: read.integer('FOLLOWER_BACKOFF_MAX_MS', 1_000, PROBE),
    tokenWaitMs: read.integer('TOKEN_WAIT_MS', 50, { min: 0, max: 10_000 }),
  };
}
