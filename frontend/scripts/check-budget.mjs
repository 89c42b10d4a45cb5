/**
 * Checks what the first visit loads — the scripts and style sheets that dist/index.html names — against the budget.
 * Sizes are gzipped. Exit 1 when one is exceeded. Run after `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = { script: 90_000, style: 40_000 };
const dist = new URL('../dist/', import.meta.url);
const html = readFileSync(new URL('index.html', dist), 'utf8');
const named = [...html.matchAll(/(?:src|href)="[^"]*?(assets\/[^"]+\.(js|css))"/g)];

const size = { script: 0, style: 0 };
for (const [, path, extension] of named) {
  size[extension === 'js' ? 'script' : 'style'] += gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;
}

let isWithin = named.length > 0;
for (const kind of Object.keys(BUDGET)) {
  const verdict = size[kind] <= BUDGET[kind] ? 'within' : 'ABOVE';
  isWithin &&= size[kind] <= BUDGET[kind];
  process.stdout.write(`first load, ${kind}: ${size[kind]} bytes gzipped, ${verdict} the budget of ${BUDGET[kind]}\n`);
}
process.exitCode = isWithin ? 0 : 1;
