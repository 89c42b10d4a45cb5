import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandRefusedError } from './failure-message.js';

const DEFAULT_DIRECTORY = '.tandem';

/**
 * The URL of a local stack's primary, from the state file that the stack writes into its data directory: of the given
 * directory, or of the usual one where that has a stack. Whether the stack still runs is found out by connecting.
 *
 * @throws CommandRefusedError where a directory was given and has no stack.
 */
export function findLocalPrimary(directory: string | undefined): string | undefined {
  const file = join(directory ?? DEFAULT_DIRECTORY, 'state.json');
  try {
    const { primary_url: url } = JSON.parse(readFileSync(file, 'utf8')) as { primary_url?: unknown };
    if (typeof url === 'string') return url;
  } catch (error) {
    if (directory === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  if (directory === undefined) return undefined;
  throw new CommandRefusedError(`${file} does not name a primary: start the local stack there first`);
}
