import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, identifyProcess, isSameProcess, type ProcessIdentity } from '@app/embedded-postgres';
import type { StackState } from '../../apps/local/src/stack-state.js';
import { startProcess, type TestProcess } from '../support/processes.js';

const READY_LIMIT_MS = 120_000;

export interface StackStart {
  directory: string;
  words?: string[];
  environment?: Record<string, string>;
  /** By `npm start` rather than by the program it executes. */
  npm?: boolean;
  port?: number;
}

/** A local stack on the build that is there, as a user starts it. */
export interface RunningStack {
  process: TestProcess;
  state: StackState;
  /** Every process of the stack: the launcher, the services and the database servers. */
  members: ProcessIdentity[];
}

/** Starts a stack and resolves once it says that it is ready. */
export async function startStack(start: StackStart): Promise<RunningStack> {
  const stack = await beginStack(start);
  await stack.waitForOutput(/Tandem is ready/, READY_LIMIT_MS);
  const state = readState(start.directory);
  return { process: stack, state, members: membersOf(stack, state) };
}

/** Starts a stack and does not wait. */
export async function beginStack({ directory, words = [], environment, npm, port }: StackStart): Promise<TestProcess> {
  const own = ['--no-build', '--data', directory, '--port', String(port ?? (await findFreePort())), ...words];
  const options = { environment, group: true };
  return npm
    ? startProcess('start', { ...options, command: 'npm', arguments: ['--', ...own] })
    : startProcess('apps/local/launch.mjs', { ...options, arguments: ['start', ...own] });
}

export function readState(directory: string): StackState {
  return JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'));
}

export function hasState(directory: string): boolean {
  return existsSync(join(directory, 'state.json'));
}

/** Signals the whole process group, as a terminal's Ctrl-C does. */
export function signalGroup({ pid }: TestProcess, signal: NodeJS.Signals): void {
  process.kill(-pid, signal);
}

/** Those of the processes that still run. */
export function survivors(members: ProcessIdentity[]): number[] {
  return members.filter(isSameProcess).map(({ pid }) => pid);
}

/** `npm run follower -- …`, to its end; resolves with what it said. */
export async function runFollowerCommand(directory: string, ...words: string[]): Promise<string> {
  const command = startProcess('apps/local/launch.mjs', {
    arguments: ['server', 'follower', ...words, '--data', directory],
  });
  await command.exited(30_000);
  return command.output().trim();
}

function membersOf(stack: TestProcess, { pids }: StackState): ProcessIdentity[] {
  return [stack.pid, pids.api, pids.worker, pids.primary, ...pids.followers].flatMap((pid) =>
    pid === null ? [] : (identifyProcess(pid) ?? []),
  );
}
