import 'reflect-metadata';
import { InvalidConfigurationError, loadConfiguration } from '@app/config';
import { createLogger, NestLogger } from '@app/logging';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProbeErrorFilter } from './probe-error.filter.js';
import { stopOnSignals } from './stop-on-signals.js';
import { WorkerModule } from './worker.module.js';

/**
 * Starts the worker and resolves when its probes answer; its databases may come later. Ends the process with 1 and one
 * message where the environment is not usable or the port is taken.
 */
export async function startWorker(): Promise<void> {
  try {
    await start();
  } catch (error) {
    console.error(error instanceof InvalidConfigurationError ? error.message : error);
    // Connections that the half-made application holds must not keep the process.
    process.exit(1);
  }
}

async function start(): Promise<void> {
  const configuration = loadConfiguration(undefined, { tokens: false });
  const logger = createLogger({ level: configuration.logLevel, name: 'worker' });
  const app = await NestFactory.create<NestFastifyApplication>(
    WorkerModule.forRoot(configuration, logger),
    new FastifyAdapter({ forceCloseConnections: true }),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.useGlobalFilters(new ProbeErrorFilter());
  stopOnSignals(logger, () => app.close());
  await app.listen(configuration.worker.healthPort, configuration.http.host);
  const queues = configuration.redisUrl ? 'redis' : 'postgres';
  logger.info({ address: await app.getUrl(), queues }, 'worker listens for probes');
}
