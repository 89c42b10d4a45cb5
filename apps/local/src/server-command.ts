import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedPostgresError, type EmbeddedServer, openCluster } from '@app/embedded-postgres';
import { isStackRunning } from './run-record.js';
import { StackDirectory } from './stack-directory.js';
import { StackError } from './stack-error.js';
import { readState, serverPids, writeState } from './stack-state.js';

/**
 * Starts, stops or shows one database server of the running stack, for trials of what happens then:
 * `follower start|stop|status [K] [--data DIR]`, `primary start|stop|status`. Resolves with the exit code.
 */
export async function runServerCommand(root: string, words: string[]): Promise<number> {
  try {
    const { role, action, number, data } = parseServerCommand(words);
    const path = resolve(data ?? `${root}/.tandem`);
    const directory = existsSync(path) ? StackDirectory.prepare(path) : null;
    const state = directory && readState(directory);
    if (!directory || !state || !isStackRunning(directory))
      throw new StackError(`No local stack is running on ${path}.`);
    if (state.data_directories.length === 0)
      throw new StackError('This stack runs on databases of its own; DATABASE_URL says where.');
    const cluster = await openCluster(directory.databases, console.log);
    const server = role === 'primary' ? cluster.primary : cluster.followers[number - 1];
    if (server === undefined) {
      throw new StackError(`There is no follower ${number}; this stack has ${cluster.followers.length}.`);
    }
    if (action === 'start') await server.start();
    if (action === 'stop') await server.stop('fast', 5_000);
    writeState(directory, { ...state, pids: { ...state.pids, ...serverPids(cluster) } });
    const shown = action === 'status' && role === 'follower' && words.length < 3 ? cluster.followers : [server];
    for (const each of shown) console.log(describe(each));
    return 0;
  } catch (error) {
    if (!(error instanceof StackError || error instanceof EmbeddedPostgresError)) throw error;
    console.error(error.message);
    return 1;
  }
}

const USAGE =
  'Usage: npm run follower -- start|stop|status [K] [--data DIR], npm run primary -- start|stop|status [--data DIR]';

/** Reads `follower stop 2 --data DIR`. @throws StackError with the usage for anything else. */
export function parseServerCommand(words: string[]): { role: string; action: string; number: number; data?: string } {
  const { values, positionals } = understand(words);
  const [role = '', action = '', k = '1', ...rest] = positionals;
  const isRole = role === 'primary' || role === 'follower';
  const isWhole = isRole && ['start', 'stop', 'status'].includes(action) && /^[1-9]\d*$/.test(k) && rest.length === 0;
  if (!isWhole || (role === 'primary' && positionals.length > 2)) throw new StackError(USAGE);
  return { role, action, number: Number(k), data: values.data };
}

function understand(words: string[]) {
  try {
    return parseArgs({ args: words, allowPositionals: true, options: { data: { type: 'string' } } });
  } catch {
    throw new StackError(USAGE);
  }
}

function describe(server: EmbeddedServer): string {
  const name = server.name.replace('-', ' ');
  return server.pid === null ? `${name}: stopped` : `${name}: running (process ${server.pid}, port ${server.port})`;
}
