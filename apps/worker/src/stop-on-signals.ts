import type { Logger } from '@app/logging';

/** An orderly stop takes less; what hangs longer is cut off, and its jobs are taken up by another worker. */
const STOP_LIMIT_MS = 24_000;

/**
 * Runs `stop` once, on the first SIGTERM or SIGINT, or when the process that started this one is gone (the local stack
 * holds an IPC channel to its children, which even its kill −9 closes). Then the process ends, with 0 unless `stop`
 * failed.
 */
export function stopOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false;
  const end = (status: number): void => logger.flush(() => process.exit(status));
  const begin = async (cause: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ cause }, 'worker is asked to stop');
    setTimeout(() => end(0), STOP_LIMIT_MS).unref();
    try {
      await stop();
      end(0);
    } catch (err) {
      logger.error({ err }, 'stopping failed');
      end(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void begin(signal));
  if (process.send) process.on('disconnect', () => void begin('parent is gone'));
}
