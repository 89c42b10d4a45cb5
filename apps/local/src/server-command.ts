import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedPostgresError, type EmbeddedServer, openCluster } from '@app/embedded-postgres';
import { readDrainedFollowers, runFollowerCommand } from './drained-followers.js';
import { isStackRunning } from './run-record.js';
import { StackDirectory } from './stack-directory.js';
import { StackError } from './stack-error.js';
import { readState, type StackState, serverPids, writeState } from './stack-state.js';

/** What `npm run follower` and `npm run primary` are asked. */
export interface ServerCommand {
  role: 'primary' | 'follower';
  action: 'start' | 'stop' | 'status' | 'drain' | 'undrain';
  /** Which follower, from 1 on; undefined where none was named. */
  number?: number;
  data?: string;
}

/**
 * Starts, stops or shows one database server of the running stack, for trials of what happens then, and drains
 * followers, there or in the database that DATABASE_URL names: `follower start|stop|status|drain|undrain [K] [--data DIR]`,
 * `primary start|stop|status`. Resolves with the exit code.
 */
export async function runServerCommand(root: string, words: string[]): Promise<number> {
  try {
    const command = parseServerCommand(words);
    const { action, data } = command;
    const isElsewhere = Boolean(process.env.DATABASE_URL) && data === undefined;
    const isAboutReads = action === 'drain' || action === 'undrain';
    if (isAboutReads || (isElsewhere && action === 'status' && command.role === 'follower')) {
      const directory = isElsewhere ? undefined : findRunningStack(root, data).directory.path;
      return await runFollowerCommand(root, command, directory);
    }
    await runOnServers(root, command);
    return 0;
  } catch (error) {
    if (!(error instanceof StackError || error instanceof EmbeddedPostgresError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function runOnServers(root: string, { role, action, number, data }: ServerCommand): Promise<void> {
  const { directory, state } = findRunningStack(root, data);
  if (state.data_directories.length === 0) {
    throw new StackError('This stack runs on databases of its own; DATABASE_URL says where.');
  }
  const cluster = await openCluster(directory.databases, console.log);
  const server = role === 'primary' ? cluster.primary : cluster.followers[(number ?? 1) - 1];
  if (server === undefined) {
    throw new StackError(`There is no follower ${number ?? 1}; this stack has ${cluster.followers.length}.`);
  }
  if (action === 'start') await server.start();
  if (action === 'stop') await server.stop('fast', 5_000);
  writeState(directory, { ...state, pids: { ...state.pids, ...serverPids(cluster) } });
  const isStatus = action === 'status' && role === 'follower';
  const drained = isStatus ? await readDrainedFollowers(state.primary_url) : new Set<string>();
  for (const each of isStatus && number === undefined ? cluster.followers : [server])
    console.log(describe(each, drained));
  if (drained === undefined) console.log('Which of them are drained is not known: the primary does not answer.');
}

function findRunningStack(root: string, data: string | undefined): { directory: StackDirectory; state: StackState } {
  const path = resolve(data ?? `${root}/.tandem`);
  const directory = existsSync(path) ? StackDirectory.prepare(path) : null;
  const state = directory && readState(directory);
  if (!directory || !state || !isStackRunning(directory)) throw new StackError(`No local stack is running on ${path}.`);
  return { directory, state };
}

const USAGE = [
  'Usage: npm run follower -- start|stop|status|drain|undrain [K] [--data DIR]',
  'npm run primary -- start|stop|status [--data DIR]',
].join(', ');

const ACTIONS = { follower: ['start', 'stop', 'status', 'drain', 'undrain'], primary: ['start', 'stop', 'status'] };

/** Reads `follower stop 2 --data DIR`. @throws StackError with the usage for anything else. */
export function parseServerCommand(words: string[]): ServerCommand {
  const { values, positionals } = understand(words);
  const [role = '', action = '', k, ...rest] = positionals;
  const isKnown = (role === 'primary' || role === 'follower') && ACTIONS[role].includes(action);
  const isNumber = k === undefined || (role === 'follower' && /^[1-9]\d{0,3}$/.test(k));
  if (!isKnown || !isNumber || rest.length > 0) throw new StackError(USAGE);
  return { role, action, number: k === undefined ? undefined : Number(k), data: values.data } as ServerCommand;
}

function understand(words: string[]) {
  try {
    return parseArgs({ args: words, allowPositionals: true, options: { data: { type: 'string' } } });
  } catch {
    throw new StackError(USAGE);
  }
}

function describe(server: EmbeddedServer, drained: ReadonlySet<string> | undefined): string {
  const name = server.name.replace('-', ' ');
  const state = server.pid === null ? 'stopped' : `running (process ${server.pid}, port ${server.port})`;
  return `${name}: ${state}${drained?.has(server.name) ? ', drained' : ''}`;
}
