import 'reflect-metadata';
import { InvalidConfigurationError, loadConfiguration } from '@app/config';
import { createLogger, NestLogger } from '@app/logging';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProbeErrorFilter } from './probe-error.filter.js';
import { stopOnSignals } from './stop-on-signals.js';
import { WorkerModule } from './worker.module.js';

async function main(): Promise<void> {
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

main().catch((error: unknown) => {
  console.error(error instanceof InvalidConfigurationError ? error.message : error);
  // Connections that the half-made application holds must not keep the process.
  process.exit(1);
});
