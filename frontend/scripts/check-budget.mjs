/**
 * Checks what a first visit loads — what dist/index.html names, and the largest page's own chunks — against the budget.
 * Sizes are gzipped. Exit 1 when one is exceeded. Run after `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = { js: 90_000, css: 40_000 };
const dist = new URL('../dist/', import.meta.url);
const read = (path) => readFileSync(new URL(path, dist));
const manifest = JSON.parse(read('.vite/manifest.json').toString());

/** The files of a chunk and of all that it imports before it runs. */
function filesOf(name, files = new Set()) {
  const { file, css = [], imports = [] } = manifest[name];
  if (files.has(file)) return files;
  for (const path of [file, ...css]) files.add(path);
  for (const imported of imports) filesOf(imported, files);
  return files;
}

function sizeOf(files, extension) {
  const wanted = [...files].filter((path) => path.endsWith(`.${extension}`));
  return wanted.reduce((sum, path) => sum + gzipSync(read(path), { level: 9 }).length, 0);
}

const named = [
  ...read('index.html')
    .toString()
    .matchAll(/(?:src|href)="[^"]*?(assets\/[^"]+)"/g),
].map(([, path]) => path);
const pages = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry);
if (named.length === 0 || pages.length === 0) throw new Error('dist/ is not the application: build it first');

for (const [extension, budget] of Object.entries(BUDGET)) {
  const sizes = pages.map((page) => ({ page, size: sizeOf(new Set([...named, ...filesOf(page)]), extension) }));
  const { page, size } = sizes.reduce((most, one) => (one.size > most.size ? one : most));
  const verdict = size <= budget ? 'within' : 'ABOVE';
  if (size > budget) process.exitCode = 1;
  process.stdout.write(
    `first load, ${extension}: ${size} bytes gzipped (${page}), ${verdict} the budget of ${budget}\n`,
  );
}
