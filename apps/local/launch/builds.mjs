import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmCommand, runOrFail } from './child-command.mjs';

const TESTS = /\.(spec|int-spec|e2e-spec)\.ts$/;

/**
 * What is built, from which files, and where it is noted from which content that was. The notes lie in what is built, so that
 * they go with it.
 */
const BUILDS = {
  server: {
    title: 'Building the server',
    script: 'build:server',
    sources: ['apps', 'libs', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    isSource: (path) => !TESTS.test(path) && !path.startsWith('apps/local/launch') && !path.endsWith('.md'),
    product: 'dist/apps',
    stamp: 'dist/.built-from',
  },
  frontend: {
    title: 'Building the application',
    script: 'build:frontend',
    sources: ['frontend', 'apps/api/openapi.json', 'package-lock.json'],
    isSource: (path) => !TESTS.test(path) && !path.startsWith('frontend/dist/'),
    product: 'frontend/dist/index.html',
    stamp: 'frontend/dist/.built-from',
  },
};

/** Builds the server, the application or both where the sources are not those of the last build. */
export async function buildWhatChanged(root, progress, signal, onStart) {
  const [command, words] = npmCommand();
  const builds = Object.entries(BUILDS).filter(([name]) => !isBuilt(root, name));
  const outcomes = await Promise.allSettled(
    builds.map(([name, { title, script, stamp }]) => {
      // Gone before the build begins: one that is broken off is not taken for a finished one.
      rmSync(join(root, stamp), { force: true });
      const hash = hashSources(root, name);
      return progress.step(title, async () => {
        await runOrFail(`npm run ${script}`, command, [...words, 'run', script], { directory: root, signal, onStart });
        writeStamp(root, name, hash);
      });
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Notes that what lies there was built from the present sources: for whoever has just built it in another way. */
export function writeBuildStamp(root, name) {
  if (!(name in BUILDS)) throw new Error(`There is no build "${name}".`);
  writeStamp(root, name, hashSources(root, name));
}

export function isBuilt(root, name) {
  const { product, stamp } = BUILDS[name];
  if (!existsSync(join(root, product)) || !existsSync(join(root, stamp))) return false;
  return readFileSync(join(root, stamp), 'utf8') === hashSources(root, name);
}

function writeStamp(root, name, hash) {
  const file = join(root, BUILDS[name].stamp);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}

/** A hash of names and contents, so that neither a checkout's times nor the order of a directory counts. */
function hashSources(root, name) {
  const { sources, isSource } = BUILDS[name];
  const hash = createHash('sha256');
  // Where the application's assets are served from is built into it.
  if (name === 'frontend') hash.update(process.env.ASSET_BASE_URL ?? '');
  for (const path of sources.flatMap((source) => listFiles(root, source)).filter(isSource)) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function listFiles(root, path) {
  const found = join(root, path);
  if (!existsSync(found)) return [];
  const entries = readdirSync(dirname(found), { withFileTypes: true });
  const self = entries.find((entry) => join(dirname(found), entry.name) === found);
  if (self?.isFile()) return [path];
  return readdirSync(found, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !['node_modules', 'dist'].includes(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? listFiles(root, `${path}/${entry.name}`) : entry.isFile() ? [`${path}/${entry.name}`] : [],
    );
}
