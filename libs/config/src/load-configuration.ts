import { type Configuration, LOG_LEVELS } from './configuration.js';
import { readDatabaseSettings } from './database-settings.js';
import { EnvironmentReader } from './environment-reader.js';
import { readSigningKeys } from './signing-keys.js';
import { readWebhookSettings } from './webhook-settings.js';

const POSTGRES = ['postgres:', 'postgresql:'] as const;
const SAMPLE_ADMIN_PASSWORD = 'admin123';

/** Start-up must end: the environment is not usable. The message names every bad variable, never a value. */
export class InvalidConfigurationError extends Error {
  constructor(readonly problems: string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidConfigurationError';
  }
}

/**
 * Turns environment variables into a checked configuration.
 *
 * @param variables usually `process.env`; `needs.tokens` is false for processes that neither sign nor verify.
 * @throws InvalidConfigurationError naming every missing or malformed variable at once.
 */
export function loadConfiguration(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  needs: { tokens: boolean } = { tokens: true },
): Configuration {
  const read = new EnvironmentReader(variables);
  const environment = read.oneOf('NODE_ENV', ['development', 'production', 'test'], 'development');
  const primaryUrl = read.text('DATABASE_URL');
  if (primaryUrl === undefined) read.refuse('DATABASE_URL', 'is missing: the URL of the primary, postgres://…');
  else read.checkUrls('DATABASE_URL', [primaryUrl], POSTGRES);
  const followerUrls = read.list('ANALYTICS_DB_URL');
  read.checkUrls('ANALYTICS_DB_URL', followerUrls, POSTGRES);
  const redisUrl = read.text('REDIS_URL');
  if (redisUrl !== undefined) read.checkUrls('REDIS_URL', [redisUrl], ['redis:', 'rediss:']);

  const configuration: Configuration = {
    environment,
    database: readDatabaseSettings(read, primaryUrl ?? '', followerUrls),
    redisUrl,
    http: {
      host: read.text('HOST') ?? '127.0.0.1',
      port: read.integer('PORT', 8080, { min: 0, max: 65_535 }),
      trustProxy: read.flag('TRUST_PROXY'),
      corsOrigins: read.list('CORS_ORIGINS'),
    },
    tokens: {
      keys: needs.tokens ? readSigningKeys(read, environment) : [],
      lifetimeSeconds: read.integer('TOKEN_LIFETIME_SECONDS', 86_400, { min: 60, max: 2_592_000 }),
    },
    registration: read.oneOf('REGISTRATION', ['open', 'closed'], 'open'),
    passwordMinLength: read.integer('PASSWORD_MIN_LENGTH', 8, { min: 1, max: 256 }),
    changeLog: readChangeLog(read),
    worker: {
      healthPort: read.integer('HEALTH_PORT', 8081, { min: 0, max: 65_535 }),
      slots: read.integer('WORKER_SLOTS', 10, { min: 3, max: 1000 }),
      jobsKeptDays: read.integer('JOBS_KEPT_DAYS', 30, { min: 2, max: 3_650 }),
    },
    imports: {
      maxBytes: read.integer('IMPORT_MAX_MIB', 4_096, { min: 1, max: 1_048_576 }) * 2 ** 20,
      maxUploads: read.integer('IMPORT_MAX_UPLOADS', 8, { min: 1, max: 1_000 }),
      stallMs: read.integer('IMPORT_STALL_MS', 30_000, { min: 100, max: 600_000 }),
      durationMs: read.integer('IMPORT_UPLOAD_SECONDS', 3_600, { min: 1, max: 86_400 }) * 1_000,
    },
    webhooks: readWebhookSettings(read, environment),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    metricsToken: read.text('METRICS_TOKEN'),
    seed: {
      sampleData: read.flag('SEED_DATA'),
      performanceData: read.flag('SEED_PERFORMANCE_DATA'),
      customers: read.integer('SEED_CUSTOMERS', 1_000, { min: 1, max: 100_000_000 }),
      accountsPerCustomer: read.integer('SEED_ACCOUNTS_PER_CUSTOMER', 5, { min: 0, max: 1_000 }),
      adminPassword:
        read.text('SEED_ADMIN_PASSWORD') ?? (environment === 'production' ? undefined : SAMPLE_ADMIN_PASSWORD),
    },
  };
  if (read.problems.length > 0) throw new InvalidConfigurationError(read.problems);
  return configuration;
}

/** Events that are served must still be there; a week is what the log is dropped by. */
function readChangeLog(read: EnvironmentReader): Configuration['changeLog'] {
  const apiDays = read.integer('CHANGE_LOG_API_DAYS', 30, { min: 2, max: 3_650 });
  const auditDays = read.integer('CHANGE_LOG_AUDIT_DAYS', Math.max(180, apiDays), { min: 2, max: 36_500 });
  if (auditDays < apiDays) read.refuse('CHANGE_LOG_AUDIT_DAYS', 'must not be less than CHANGE_LOG_API_DAYS');
  return { apiDays, auditDays };
}
