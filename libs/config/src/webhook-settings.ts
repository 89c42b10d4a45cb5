import type { WebhookConfiguration } from './configuration.js';
import type { EnvironmentReader } from './environment-reader.js';

/** What changes how webhooks are sent; docs/webhooks.md says why one would. */
export function readWebhookSettings(read: EnvironmentReader, environment: string): WebhookConfiguration {
  const allowPrivate = read.flag('WEBHOOK_ALLOW_PRIVATE');
  if (allowPrivate && environment === 'production') {
    read.refuse('WEBHOOK_ALLOW_PRIVATE', 'is for tests: production sends to public addresses only');
  }
  return {
    allowPrivate,
    retryScale: read.integer('WEBHOOK_RETRY_PERMILLE', 1_000, { min: 1, max: 1_000 }) / 1_000,
  };
}
