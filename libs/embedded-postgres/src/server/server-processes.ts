import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readPostmasterFile } from './postmaster-file.js';
import { identifyProcess, type ProcessIdentity, signalProcess, waitForExit } from './process-identity.js';

const hasProc = existsSync('/proc/self/stat');

/**
 * The `cluster_name` of a data directory's server. Its processes carry it in their titles, which everybody may read; where they
 * work is shown to few (a container's root is not among them).
 */
export function clusterNameOf(dataDirectory: string): string {
  return `tandem-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}`;
}

/** The postmaster of this data directory, or null when none runs. A stale or foreign process id is not believed. */
export function findPostmaster(dataDirectory: string): ProcessIdentity | null {
  const file = readPostmasterFile(dataDirectory);
  if (file === null || !belongsTo(readCommandLine(file.pid), dataDirectory)) return null;
  return identifyProcess(file.pid);
}

/**
 * Every process that works on this data directory, whoever started it: the postmaster, after it was killed those of its
 * children that have not noticed yet, and an initdb.
 */
export function findServerProcesses(dataDirectory: string): ProcessIdentity[] {
  return listCommandLines()
    .filter(({ words }) => belongsTo(words, dataDirectory))
    .flatMap(({ pid }) => identifyProcess(pid) ?? []);
}

/**
 * Ends whatever still works on this data directory: politely, then by force. Returns how many processes there were.
 * For servers that are left from an earlier run; a server of this run is stopped by its own `stop`.
 */
export async function endServerProcesses(dataDirectory: string): Promise<number> {
  const postmaster = findPostmaster(dataDirectory);
  if (postmaster !== null && signalProcess(postmaster, 'SIGINT') && !(await waitForExit(postmaster, 3_000))) {
    signalProcess(postmaster, 'SIGQUIT');
    await waitForExit(postmaster, 2_000);
  }
  const left = findServerProcesses(dataDirectory);
  for (const identity of left) signalProcess(identity, 'SIGKILL');
  await Promise.all(left.map((identity) => waitForExit(identity, 5_000)));
  return left.length + (postmaster === null ? 0 : 1);
}

/** Whether a command line is that of a server (or initdb) of this data directory. */
export function belongsTo(words: readonly string[], dataDirectory: string): boolean {
  const [program = '', ...rest] = words;
  if (program.startsWith(`postgres: ${clusterNameOf(dataDirectory)}: `)) return true;
  const isProgram = ['postgres', 'initdb'].includes(basename(program));
  return isProgram && rest.some((word, index) => word === '-D' && rest[index + 1] === dataDirectory);
}

function listCommandLines(): { pid: number; words: string[] }[] {
  if (!hasProc) return parsePs(ps(['-axo', 'pid=,command=']));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), words: readCommandLine(Number(name)) }));
}

function readCommandLine(pid: number): string[] {
  if (!hasProc) return parsePs(ps(['-o', 'pid=,command=', '-p', String(pid)]))[0]?.words ?? [];
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** `ps` (macOS) shows the words run together: a directory's path, which may hold blanks, is what follows `-D`. */
export function parsePs(output: string): { pid: number; words: string[] }[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    const [, program, directory] = /^(\S.*?) -D (.*?)(?: --?\w.*)?$/.exec(command) ?? [];
    return [{ pid: Number(pid), words: program ? [program, '-D', directory ?? ''] : [command] }];
  });
}

function ps(words: string[]): string {
  try {
    return execFileSync('ps', words, { encoding: 'utf8', maxBuffer: 16 << 20, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
