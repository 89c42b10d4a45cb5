/**
 * What `npm start`, `npm test` and `npm run follower` call. Plain JavaScript without packages, for it must run in a clone
 * that has none yet: it installs and builds what is missing, then goes on in the same process.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNodeFault } from './launch/node-version.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [command = 'start', ...words] = process.argv.slice(2);

const commands = { start, check, build, stamp, server };

async function start() {
  const { parseArguments, USAGE } = await import('./launch/arguments.mjs');
  const options = parseArguments(words, process.env);
  if (options.help) return console.log(USAGE);
  const { progress, signal } = await begin();
  if (options.build) await prepare(progress, signal);
  const { runLocalStack } = await importBuilt('main.js');
  process.exitCode = await runLocalStack({ root: ROOT, options, progress, signal });
}

async function check() {
  const { progress, signal } = await begin();
  const { installWhatIsMissing } = await import('./launch/installation.mjs');
  const { withCheckoutLock } = await import('./launch/checkout-lock.mjs');
  const { runCheck } = await import('./launch/check.mjs');
  await withCheckoutLock(ROOT, progress, signal, (onStart) => installWhatIsMissing(ROOT, progress, signal, onStart));
  process.exitCode = await runCheck(ROOT, signal);
}

async function build() {
  const { progress, signal } = await begin();
  await prepare(progress, signal);
}

/** `stamp server`: what lies there was built from the present sources. */
async function stamp() {
  const { writeBuildStamp } = await import('./launch/builds.mjs');
  writeBuildStamp(ROOT, words[0]);
}

/** `server follower stop 2`: starts and stops the databases of the running stack one by one. */
async function server() {
  const { runServerCommand } = await importBuilt('server-command.js');
  process.exitCode = await runServerCommand(ROOT, words);
}

async function begin() {
  const { createProgress } = await import('./launch/progress.mjs');
  const { stopSignal } = await import('./launch/stop-signal.mjs');
  return { progress: createProgress(), signal: stopSignal() };
}

async function prepare(progress, signal) {
  const { withCheckoutLock } = await import('./launch/checkout-lock.mjs');
  const { installWhatIsMissing } = await import('./launch/installation.mjs');
  const { buildWhatChanged } = await import('./launch/builds.mjs');
  await withCheckoutLock(ROOT, progress, signal, async (onStart) => {
    await installWhatIsMissing(ROOT, progress, signal, onStart);
    await buildWhatChanged(ROOT, progress, signal, onStart);
  });
}

async function importBuilt(file) {
  const built = new URL(`../../dist/apps/local/src/${file}`, import.meta.url);
  if (!existsSync(built)) throw expected('Nothing is built yet: run npm start first.');
  return import(built);
}

function expected(message) {
  return Object.assign(new Error(message), { expected: true });
}

try {
  // Nothing else is loaded before: an old Node may not even read it.
  const fault = findNodeFault(process.versions.node);
  if (fault !== null) throw expected(fault);
  if (!(command in commands)) throw expected(`There is no "${command}", only ${Object.keys(commands).join(', ')}.`);
  await commands[command]();
} catch (error) {
  // Asked to stop while installing or building: that is no failure.
  if (error?.name === 'AbortError') process.exitCode = 0;
  else {
    console.error(error?.expected ? error.message : error);
    process.exitCode = 1;
  }
}
