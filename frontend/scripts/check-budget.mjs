/**
 * Checks what a first visit loads — what dist/index.html names, and the largest page's own chunks — against the budget,
 * and what a page loads later, such as a chart, against one of its own. Sizes are gzipped. Exit 1 when one is exceeded.
 * Run after `npm run build`.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = { js: 90_000, css: 40_000 };
const LATER_BUDGET = { js: 65_000, css: 5_000 };
/** Every page's file is called so; whatever else is loaded on demand is a part of a page. */
const PAGE = /-page\.vue$/;
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
const onDemand = Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry);
const pages = onDemand.filter((name) => PAGE.test(name));
const parts = onDemand.filter((name) => !PAGE.test(name));
if (named.length === 0 || pages.length === 0) throw new Error('dist/ is not the application: build it first');

function check(what, { page, size }, extension, budget) {
  const verdict = size <= budget ? 'within' : 'ABOVE';
  if (size > budget) process.exitCode = 1;
  process.stdout.write(`${what}, ${extension}: ${size} bytes gzipped (${page}), ${verdict} the budget of ${budget}\n`);
}

const largest = (sizes) => sizes.reduce((most, one) => (one.size > most.size ? one : most));

for (const [extension, budget] of Object.entries(BUDGET)) {
  const loadedWith = (page) => new Set([...named, ...filesOf(page)]);
  const first = pages.map((page) => ({ page, size: sizeOf(loadedWith(page), extension) }));
  check('first load', largest(first), extension, budget);
}

// Whoever asks for a part has its page already.
const shared = new Set([...named, ...pages.flatMap((page) => [...filesOf(page)])]);
for (const [extension, budget] of Object.entries(LATER_BUDGET)) {
  const later = parts.map((page) => ({
    page,
    size: sizeOf(
      [...filesOf(page)].filter((path) => !shared.has(path)),
      extension,
    ),
  }));
  if (later.length > 0) check('later', largest(later), extension, budget);
}
