import { describe, expect, test } from 'vitest';
import { InvalidConfigurationError, loadConfiguration } from './load-configuration.js';

const PRIMARY = 'postgres://tandem:hunter2@db:5432/tandem';
const SECRET = 'q8Zr2v-Lk5TnXw0BfYh3JcM7PdSe1GaU';

function problemsOf(variables: Record<string, string>): string[] {
  try {
    loadConfiguration(variables);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfigurationError) return error.problems;
    throw error;
  }
}

describe('loadConfiguration', () => {
  test('needs nothing but the primary outside production', () => {
    expect(loadConfiguration({ DATABASE_URL: PRIMARY })).toMatchObject({
      environment: 'development',
      database: { primaryUrl: PRIMARY, followerUrls: [], primaryPoolMax: 10, statementTimeoutMs: 15_000 },
      redisUrl: undefined,
      http: { host: '127.0.0.1', port: 8080, trustProxy: false, corsOrigins: [] },
      registration: 'open',
      passwordMinLength: 8,
      worker: { healthPort: 8081, slots: 10, jobsKeptDays: 30 },
      webhooks: { allowPrivate: false, retryScale: 1 },
      seed: { sampleData: false, performanceData: false, customers: 1_000, accountsPerCustomer: 5 },
    });
  });

  test('has the times of probes, follower and fallback that the faults were measured with', () => {
    expect(loadConfiguration({ DATABASE_URL: PRIMARY }).database).toMatchObject({
      probeIntervalMs: 250,
      probeTimeoutMs: 400,
      probeBlockedLimitMs: 200,
      followerConnectTimeoutMs: 500,
      followerGoodProbes: 3,
      followerRampMs: 1_000,
      followerBackoffMaxMs: 1_000,
      tokenWaitMs: 50,
      fallbackPoolMax: 5,
      fallbackQueueMax: 64,
      fallbackWaitMs: 2_000,
    });
  });

  test('names every bad variable at once', () => {
    const bad = {
      NODE_ENV: 'staging',
      DATABASE_URL: 'mysql://db',
      ANALYTICS_DB_URL: 'postgres://ok/db,nonsense',
      REDIS_URL: 'http://redis',
      PORT: '65536',
      TRUST_PROXY: 'maybe',
      REGISTRATION: 'sometimes',
      WORKER_SLOTS: '2',
      LOG_LEVEL: 'loud',
    };
    expect(problemsOf(bad).map((problem) => problem.split(' ')[0])).toEqual(expect.arrayContaining(Object.keys(bad)));
    expect(problemsOf(bad)).toHaveLength(Object.keys(bad).length);
  });

  test('never tells a value: it may be a secret', () => {
    const names = ['NODE_ENV', 'DATABASE_URL', 'ANALYTICS_DB_URL', 'REDIS_URL', 'PORT', 'TRUST_PROXY', 'LOG_LEVEL'];
    const bad = { ...Object.fromEntries(names.map((name) => [name, 'hunter2'])), JWT_SECRET: 'a:hunter2,a:hunter2' };
    expect(problemsOf(bad)).toHaveLength(names.length + 1);
    expect(() => loadConfiguration(bad)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('is not usable without a primary, whatever else is fine', () => {
    expect(problemsOf({})).toEqual([expect.stringMatching(/^DATABASE_URL is missing/)]);
    expect(problemsOf({ DATABASE_URL: '  ' })).toHaveLength(1);
  });

  test('lets webhooks lead to private addresses in tests, and never in production', () => {
    const variables = { DATABASE_URL: PRIMARY, JWT_SECRET: SECRET, WEBHOOK_ALLOW_PRIVATE: 'true' };

    expect(loadConfiguration(variables).webhooks.allowPrivate).toBe(true);
    expect(problemsOf({ ...variables, NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^WEBHOOK_ALLOW_PRIVATE is for tests/),
    ]);
  });

  test('takes several followers and TLS to Redis', () => {
    const { database, redisUrl } = loadConfiguration({
      DATABASE_URL: PRIMARY,
      ANALYTICS_DB_URL: 'postgres://f1/x, postgresql://f2/x',
      REDIS_URL: 'rediss://:secret@redis:6380',
    });
    expect(database.followerUrls).toEqual(['postgres://f1/x', 'postgresql://f2/x']);
    expect(redisUrl).toBe('rediss://:secret@redis:6380');
  });

  test.each([
    ['PORT', ['0', '65535'], ['-1', '65536']],
    ['WORKER_SLOTS', ['3', '1000'], ['2', '1001']],
    ['JOBS_KEPT_DAYS', ['2', '3650'], ['1', '3651']],
    ['PROBE_INTERVAL_MS', ['20', '60000'], ['19', '60001']],
    ['FALLBACK_QUEUE_MAX', ['1', '10000'], ['0', '10001']],
    ['FALLBACK_WAIT_MS', ['50', '60000'], ['49', '60001']],
    ['FOLLOWER_GOOD_PROBES', ['1', '100'], ['0', '101']],
    ['FOLLOWER_RAMP_MS', ['0', '600000'], ['-1', '600001']],
    ['FOLLOWER_BACKOFF_MAX_MS', ['20', '60000'], ['19', '60001']],
    ['TOKEN_WAIT_MS', ['0', '10000'], ['-1', '10001']],
    ['TOKEN_LIFETIME_SECONDS', ['60', '2592000'], ['59', '2592001']],
    ['SEED_ACCOUNTS_PER_CUSTOMER', ['0', '1000'], ['-1', '1001']],
  ])('%s may be %o and not %o', (name, fine, bad) => {
    for (const value of fine) expect(problemsOf({ DATABASE_URL: PRIMARY, [name]: value })).toEqual([]);
    for (const value of bad) expect(problemsOf({ DATABASE_URL: PRIMARY, [name]: value })).toHaveLength(1);
  });

  test('asks for a secret in production of the processes that need one only', () => {
    const variables = { NODE_ENV: 'production', DATABASE_URL: PRIMARY };
    expect(problemsOf(variables)).toEqual([expect.stringMatching(/^JWT_SECRET is missing/)]);
    expect(loadConfiguration(variables, { tokens: false }).tokens.keys).toEqual([]);
    expect(loadConfiguration({ ...variables, JWT_SECRET: SECRET }).tokens.keys).toHaveLength(1);
  });

  test('knows a password of the sample administrator outside production only', () => {
    const development = { DATABASE_URL: PRIMARY };
    const production = { ...development, NODE_ENV: 'production', JWT_SECRET: SECRET };
    expect(loadConfiguration(development).seed.adminPassword).toBe('admin123');
    expect(loadConfiguration(production).seed.adminPassword).toBeUndefined();
    expect(loadConfiguration({ ...production, SEED_ADMIN_PASSWORD: 'chosen' }).seed.adminPassword).toBe('chosen');
  });
});
