import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running (or killed) server left in its `postmaster.pid`. */
export interface PostmasterFile {
  pid: number;
  port: number | null;
  /** Key and id of the System V segment that locks the data directory. */
  sharedMemory: { key: number; id: number } | null;
  /** True once the server accepts connections. */
  ready: boolean;
}

/** Reads `postmaster.pid`; null when there is none or it does not begin with a process id. */
export function readPostmasterFile(dataDirectory: string): PostmasterFile | null {
  try {
    return parsePostmasterFile(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** The lines are: process id, data directory, start time, port, socket directory, address, shared memory, status. */
export function parsePostmasterFile(text: string): PostmasterFile | null {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  // A negative id is a stand-alone backend, which serves nobody.
  if (!Number.isInteger(pid) || pid === 0) return null;
  const [key, id] = (lines[6] ?? '').split(/\s+/).map(Number);
  return {
    pid: Math.abs(pid),
    port: lines[3] ? Number(lines[3]) : null,
    sharedMemory: key && id !== undefined && !Number.isNaN(id) ? { key, id } : null,
    ready: lines[7] === 'ready',
  };
}
