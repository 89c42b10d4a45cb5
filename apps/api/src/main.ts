import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidConfigurationError, loadConfiguration } from '@app/config';
import { DrainState } from '@app/health';
import { createLogger, NestLogger } from '@app/logging';
import { collectStartUpGarbage } from '@app/metrics';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { configureApi, createHttpAdapter } from './configure-api.js';
import { stopOnSignals } from './stop-on-signals.js';

/** How long readiness says no before the server stops taking connections: a proxy needs to hear it. */
const DRAIN_MS = 300;

async function main(): Promise<void> {
  const configuration = loadConfiguration();
  const logger = createLogger({ level: configuration.logLevel, name: 'api', bufferBytes: 4096 });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.forRoot(configuration, logger),
    createHttpAdapter(configuration.http),
    { logger: new NestLogger(logger), abortOnError: false, bodyParser: false },
  );
  await configureApi(app);
  stopOnSignals(logger, async () => {
    app.get(DrainState).begin();
    await sleep(DRAIN_MS);
    await app.close();
  });
  await collectStartUpGarbage();
  const { host, port } = configuration.http;
  await app.listen(port, host);
  logger.info({ address: await app.getUrl() }, 'API listens');
}

main().catch((error: unknown) => {
  const isEnvironment = error instanceof InvalidConfigurationError;
  console.error(isEnvironment ? error.message : error);
  process.exitCode = 1;
  // Connections that the half-made application holds must not keep the process.
  process.exit();
});
