/** One key that signs and verifies access tokens; the first of the list signs, all verify. */
export interface SigningKey {
  kid: string;
  secret: Buffer;
}

/** Sizes and time limits of the two databases' pools and of the probes; milliseconds unless named otherwise. */
export interface DatabaseConfiguration {
  primaryUrl: string;
  /** Empty: there is no follower and every read uses the primary. */
  followerUrls: string[];
  primaryPoolMax: number;
  followerPoolMax: number;
  /** Connections to the primary for analytics while no follower can answer. */
  fallbackPoolMax: number;
  /** Connections to the primary for whole-list streams. */
  streamPoolMax: number;
  statementTimeoutMs: number;
  primaryConnectTimeoutMs: number;
  followerConnectTimeoutMs: number;
  probeIntervalMs: number;
  probeTimeoutMs: number;
  /** A verdict counts for nothing when this process was blocked for longer while the probe ran. */
  probeBlockedLimitMs: number;
  /** Good probes in a row after which a follower that was given up is used again. */
  followerGoodProbes: number;
  /** How long it then gets a part of the reads only. */
  followerRampMs: number;
  /** The longest pause between looks at a follower that stays away. */
  followerBackoffMaxMs: number;
  /** How long a read waits for a follower to reach its token. */
  tokenWaitMs: number;
  /** Callers that may wait for the fallback's connections, and for how long. */
  fallbackQueueMax: number;
  fallbackWaitMs: number;
}

/**
 * Everything that the environment decides, read once at start and checked whole. It is also the injection token.
 * Where the environment changes at run time (a promotion, rotated secrets) the process is started again.
 */
export abstract class Configuration {
  abstract readonly environment: 'development' | 'production' | 'test';
  abstract readonly database: DatabaseConfiguration;
  /** Undefined: the queues live on the primary database. */
  abstract readonly redisUrl: string | undefined;
  abstract readonly http: { host: string; port: number; trustProxy: boolean; corsOrigins: string[] };
  abstract readonly tokens: { keys: SigningKey[]; lifetimeSeconds: number };
  abstract readonly registration: 'open' | 'closed';
  abstract readonly passwordMinLength: number;
  /** Days for which events are served, and for which they are kept. */
  abstract readonly changeLog: { apiDays: number; auditDays: number };
  abstract readonly worker: {
    healthPort: number;
    /** Jobs at once in one process. */
    slots: number;
    /** How long a job that has ended can still be looked at. */
    jobsKeptDays: number;
  };
  abstract readonly imports: ImportLimits;
  abstract readonly webhooks: WebhookConfiguration;
  abstract readonly logLevel: LogLevel;
  /** Undefined: /metrics is open to whoever reaches it. */
  abstract readonly metricsToken: string | undefined;
  abstract readonly seed: SeedConfiguration;
}

/** What one process of the API lets uploads of imports take. */
export interface ImportLimits {
  maxBytes: number;
  /** At once; of one organization half as many. */
  maxUploads: number;
  /** How long an upload may send nothing, and how long it may take in all. */
  stallMs: number;
  durationMs: number;
}

export interface WebhookConfiguration {
  /** For tests alone: http and addresses that are not public. Refused in production. */
  allowPrivate: boolean;
  /** Of all pauses between attempts; below 1 for tests. */
  retryScale: number;
}

export interface SeedConfiguration {
  sampleData: boolean;
  performanceData: boolean;
  customers: number;
  accountsPerCustomer: number;
  /** Undefined only in production without the variable: then no sample administrator is made. */
  adminPassword: string | undefined;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
