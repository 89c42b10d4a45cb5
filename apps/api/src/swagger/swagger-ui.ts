import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
const START = `window.ui = SwaggerUIBundle({ url: '/swagger/doc.json', dom_id: '#swagger-ui', deepLinking: true });`;
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tandem API</title>
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
    <link rel="icon" type="image/png" href="/swagger/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/swagger/swagger-ui-bundle.js"></script>
    <script>${START}</script>
  </body>
</html>
`;
/** The page's own policy: its one inline script by hash. Swagger UI sets style attributes, which no hash can name. */
const POLICY = [
  `default-src 'self'`,
  `script-src 'self' 'sha256-${createHash('sha256').update(START).digest('base64')}'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `object-src 'none'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/**
 * Swagger UI at /swagger/index.html and the OpenAPI document at /swagger/doc.json, both from files: building the
 * document at start would cost every process the memory of it. `npm run generate` makes it, CI checks it.
 */
export function useSwaggerUi(fastify: FastifyInstance, documentFile: string): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  for (const url of ['/swagger', '/swagger/']) {
    fastify.get(url, (_request, reply) => reply.redirect('/swagger/index.html', 301));
  }
  fastify.get('/swagger/index.html', (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  );
  fastify.get('/swagger/doc.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').sendFile('openapi.json', dirname(documentFile)),
  );
  for (const asset of ASSETS) {
    if (existsSync(join(folder, asset))) {
      fastify.get(`/swagger/${asset}`, (_request, reply) => reply.sendFile(asset, folder));
    }
  }
}
