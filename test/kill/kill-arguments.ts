import { parseArgs } from 'node:util';
import { CI, FULL, type KillSize } from './kill-size.js';

export const USAGE = `Usage: npm run test:kill -- [options]

Kills worker, API, primary, follower and Redis at random (SIGKILL) while clients write, import, ask for jobs, follow the change
log and receive webhooks; then counts what was lost, doubled or wrong, and prints it. On PostgreSQL, and on Redis where a
redis-server is installed. Ends with 1 when anything was.

  --minutes N     how long each backend's campaign kills (default ${FULL.durationMs / 60_000})
  --seed N        the order of the kills (default ${FULL.seed})
  --size NAME     full, or ci: as small as every push runs it
  --help          this text`;

/** The command line says something that can't be meant; the message is for whoever typed it. */
export class UsageError extends Error {}

/** @throws UsageError. `help` means that only the usage is asked for. */
export function parseKillArguments(words: string[]): KillSize | 'help' {
  const values = parse(words);
  if (values.help) return 'help';
  const { size: name = 'full' } = values;
  if (name !== 'full' && name !== 'ci') throw new UsageError('--size is full or ci');
  const size = { ...(name === 'full' ? FULL : CI) };
  if (values.minutes !== undefined) size.durationMs = positive('--minutes', values.minutes) * 60_000;
  if (values.seed !== undefined) size.seed = positive('--seed', values.seed);
  return size;
}

function parse(args: string[]) {
  const options = {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    size: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${option} takes a number above 0`);
  return value;
}
