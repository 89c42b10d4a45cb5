import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandRefusedError } from './failure-message.js';

const DEFAULT_DIRECTORY = '.tandem';

/** The databases of a local stack. */
export interface LocalDatabases {
  primaryUrl: string;
  followerUrls: string[];
}

/**
 * The databases of a local stack, from the state file that the stack writes into its data directory: of the given
 * directory, or of the usual one where that has a stack. Whether the stack still runs is found out by connecting.
 *
 * @throws CommandRefusedError where a directory was given and has no stack.
 */
export function findLocalDatabases(directory: string | undefined): LocalDatabases | undefined {
  const file = join(directory ?? DEFAULT_DIRECTORY, 'state.json');
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as { primary_url?: unknown; follower_urls?: string[] };
    const { primary_url: primaryUrl, follower_urls: followerUrls = [] } = state;
    if (typeof primaryUrl === 'string') return { primaryUrl, followerUrls };
  } catch (error) {
    if (directory === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  if (directory === undefined) return undefined;
  throw new CommandRefusedError(`${file} does not name a primary: start the local stack there first`);
}
