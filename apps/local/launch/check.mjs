import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { npmCommand, runCommand } from './child-command.mjs';

/** Runs everything CI runs, with its output passed through, and resolves with the exit code; says last what it left out. */
export async function runCheck(root, signal, environment = process.env) {
  const [command, words] = npmCommand();
  const { code } = await runCommand(command, [...words, 'run', 'check'], { directory: root, signal, inherit: true });
  if (!isOnPath('redis-server', environment.PATH)) console.log(leftOut());
  return code;
}

export function isOnPath(program, path = '') {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

function leftOut() {
  const how = process.platform === 'darwin' ? 'brew install redis' : 'apt-get install redis-server';
  return [
    '',
    'Left out: the queue tests on Redis, for there is no redis-server on the PATH; on PostgreSQL they ran.',
    `To run them too: ${how}, then npm test again.`,
  ].join('\n');
}
