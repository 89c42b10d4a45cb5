export { createLogger, type Logger, NestLogger } from './logger.js';
export { LOGGER, LoggingModule } from './logging.module.js';
export { currentContext, type RequestContext, runInContext, type ServedRoute } from './request-context.js';
