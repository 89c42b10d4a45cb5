export { ConfigModule } from './config.module.js';
export {
  Configuration,
  type DatabaseConfiguration,
  LOG_LEVELS,
  type LogLevel,
  type SeedConfiguration,
  type SigningKey,
  type WebhookConfiguration,
} from './configuration.js';
export { InvalidConfigurationError, loadConfiguration } from './load-configuration.js';
