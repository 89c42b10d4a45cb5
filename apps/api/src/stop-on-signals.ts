import type { Logger } from '@app/logging';

/** What is still under way after this is cut off, so that a stop always ends. */
const STOP_LIMIT_MS = 8_000;

/**
 * Runs `stop` once, on the first SIGTERM or SIGINT, or when the process that started this one is gone (the local stack
 * holds an IPC channel to its children for that). Ends the process with 0, with 1 where `stop` fails or takes too long.
 */
export function stopOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false;
  const begin = async (cause: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ cause }, 'stopping');
    const limit = setTimeout(() => {
      logger.warn('requests were still under way, ended them');
      logger.flush();
      process.exit(0);
    }, STOP_LIMIT_MS);
    limit.unref();
    try {
      await stop();
      logger.flush(() => process.exit(0));
    } catch (error) {
      logger.error({ err: error }, 'stopping failed');
      logger.flush(() => process.exit(1));
    }
  };
  process.on('SIGTERM', () => void begin('SIGTERM'));
  process.on('SIGINT', () => void begin('SIGINT'));
  if (process.send) process.on('disconnect', () => void begin('parent is gone'));
}
