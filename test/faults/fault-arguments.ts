import { parseArgs } from 'node:util';
import { CI, type FaultSize, FULL } from './fault-size.js';

export const USAGE = `Usage: npm run test:faults -- [options] [files]

Inflicts every fault on real servers, at full size (about half an hour), and prints a table of what was asked and measured.
Ends with 1 when a figure is missed, a control does not fail, or something else goes wrong.

  --minutes N   how long the chaos lasts (default 5)
  --seed N      the order of its faults (default ${FULL.chaosSeed})
  --size NAME   full, or ci: small enough for every push
  --out FILE    writes the figures as JSON as well
  --help        this text
  files         only test files whose names contain one of these words, such as chaos or tokens`;

export interface FaultArguments {
  size: FaultSize;
  files: string[];
  out: string | undefined;
}

/** The command line says something that can't be meant; the message is for whoever typed it. */
export class UsageError extends Error {}

/** @throws UsageError. `help` means that only the usage is asked for. */
export function parseFaultArguments(words: string[]): FaultArguments | 'help' {
  const { values, positionals } = parse(words);
  if (values.help) return 'help';
  const { minutes, seed, size: name = 'full' } = values;
  if (name !== 'full' && name !== 'ci') throw new UsageError('--size is full or ci');
  const size = { ...(name === 'full' ? FULL : CI) };
  if (minutes !== undefined) size.chaosMs = positive('--minutes', minutes) * 60_000;
  if (seed !== undefined) size.chaosSeed = positive('--seed', seed);
  return { size, files: positionals, out: values.out };
}

function parse(args: string[]) {
  const options = {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    size: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${option} takes a number above 0`);
  return value;
}
