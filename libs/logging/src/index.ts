export { createLogger, type Logger, NestLogger } from './logger.js';
export { LOGGER, LoggingModule } from './logging.module.js';
export { type Actor, currentContext, type RequestContext, runInContext } from './request-context.js';
