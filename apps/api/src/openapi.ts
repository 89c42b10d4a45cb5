import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration } from '@app/config';
import { createLogger } from '@app/logging';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { documenting } from './http/openapi/documenting.js';
import { installationFolder } from './installation-folder.js';
import { documentProbes } from './swagger/document-probes.js';

/**
 * Writes apps/api/openapi.json from the controllers (`npm run generate`), or with --check ends with 1 where the file is
 * not what they say. Connects to nothing: the application is made and never initialized.
 */
async function main(): Promise<void> {
  documenting.isOn = true;
  const { ApiModule } = await import('./api.module.js');
  const { createHttpAdapter } = await import('./configure-api.js');
  const configuration = loadConfiguration({ DATABASE_URL: 'postgres://nowhere.invalid/none' });
  const logger = createLogger({ level: 'silent', name: 'openapi' });
  const adapter = createHttpAdapter(configuration.http);
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.forRoot(configuration, logger), adapter, {
    logger: false,
    bodyParser: false,
  });
  const description = new DocumentBuilder()
    .setTitle('Tandem API')
    .setDescription(
      'Customers, accounts and analytics of an organization. Every error has the same body; `error` is for people, `code` for programs.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, description);
  documentProbes(document);
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const file = join(installationFolder(), 'apps/api/openapi.json');
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error('apps/api/openapi.json is out of date: run "npm run generate"');
    process.exitCode = 1;
  }
}

await main();
process.exit();
