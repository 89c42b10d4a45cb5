import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readPostmasterFile } from './postmaster-file.js';
import { identifyProcess, type ProcessIdentity, signalProcess, waitForExit } from './process-identity.js';

const hasProc = existsSync('/proc/self/stat');

/**
 * Every process of a PostgreSQL server that works in this data directory, whoever started it: the postmaster and, after it
 * was killed, those of its children that have not noticed yet.
 */
export function findServerProcesses(dataDirectory: string): ProcessIdentity[] {
  return (hasProc ? idsFromProc(dataDirectory) : idsFromPs(dataDirectory)).flatMap((pid) => identifyProcess(pid) ?? []);
}

/** The postmaster of this data directory, or null when none runs. A stale or foreign process id is not believed. */
export function findPostmaster(dataDirectory: string): ProcessIdentity | null {
  const file = readPostmasterFile(dataDirectory);
  if (file === null) return null;
  return worksIn(file.pid, dataDirectory) ? identifyProcess(file.pid) : null;
}

/**
 * Ends whatever still serves this data directory: politely, then by force. Returns how many processes there were.
 * For servers that are left from an earlier run; a server of this run is stopped by its own `stop`.
 */
export async function endServerProcesses(dataDirectory: string): Promise<number> {
  const postmaster = findPostmaster(dataDirectory);
  if (postmaster !== null && signalProcess(postmaster, 'SIGINT') && !(await waitForExit(postmaster, 5_000))) {
    signalProcess(postmaster, 'SIGQUIT');
    await waitForExit(postmaster, 5_000);
  }
  const left = findServerProcesses(dataDirectory);
  for (const identity of left) signalProcess(identity, 'SIGKILL');
  await Promise.all(left.map((identity) => waitForExit(identity, 5_000)));
  return left.length + (postmaster === null ? 0 : 1);
}

function worksIn(pid: number, dataDirectory: string): boolean {
  if (!hasProc) return idsFromPs(dataDirectory).includes(pid);
  try {
    // A server works in its data directory from its first moment to its last.
    return readlinkSync(`/proc/${pid}/cwd`) === dataDirectory && isPostgres(pid);
  } catch {
    return false;
  }
}

function isPostgres(pid: number): boolean {
  // Children rewrite their command line to "postgres: role", the postmaster keeps the program's path.
  const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  return /^(\S*\/)?postgres\b/.test(command.replaceAll('\0', ' '));
}

function idsFromProc(dataDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, dataDirectory));
}

/** Without /proc (macOS): the postmaster names its directory on the command line, its children have it as parent. */
function idsFromPs(dataDirectory: string): number[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8', maxBuffer: 16 << 20 })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }] : [];
    });
  const postmasters = rows.filter(
    ({ command }) => command.includes('postgres') && command.endsWith(`-D ${dataDirectory}`),
  );
  const ids = new Set(postmasters.map(({ pid }) => pid));
  return rows.filter(({ pid, parent }) => ids.has(pid) || ids.has(parent)).map(({ pid }) => pid);
}
