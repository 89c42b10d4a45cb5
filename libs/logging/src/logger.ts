import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentContext } from './request-context.js';

export type { Logger } from 'pino';

/**
 * Values of these keys never reach a log line, however deep the caller put them (three levels are searched).
 * `parameters` and `detail` are a failed statement's: they are put on its error, and a password's hash may be among them.
 */
const SECRET_KEYS = [
  'password',
  'password_hash',
  'token',
  'authorization',
  'cookie',
  'secret',
  'key',
  'url',
  'parameters',
  'detail',
];

/**
 * Makes the one logger of a process: JSON, a line an event, on standard output, with the request id of the request or
 * job at hand. Lines are written in batches of at most `bufferBytes` or a second; `flush` writes what is left.
 */
export function createLogger(
  options: { level: string; name: string; bufferBytes?: number },
  destination: DestinationStream = standardOutput(options.bufferBytes),
): Logger {
  return pino(
    {
      level: options.level,
      base: { name: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'message',
      redact: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      mixin: () => {
        const context = currentContext();
        return context ? { request_id: context.requestId } : {};
      },
    },
    destination,
  );
}

function standardOutput(bufferBytes = 0): DestinationStream {
  return pino.destination({ dest: 1, sync: false, minLength: bufferBytes, periodicFlush: bufferBytes ? 500 : 0 });
}

/** Lets Nest's own messages flow into the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug({ context: context.at(-1) }, String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn({ context: context.at(-1) }, String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    const err = message instanceof Error ? message : undefined;
    this.logger.error({ err, context: context.at(-1) }, String(message));
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.logger.fatal({ context: context.at(-1) }, String(message));
  }
}
