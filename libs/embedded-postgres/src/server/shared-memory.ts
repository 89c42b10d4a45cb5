import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readPostmasterFile } from './postmaster-file.js';

/**
 * Removes the System V segment that a killed server of this data directory left behind. Only needed before the directory
 * itself is deleted: a server started in it again takes the segment over. Does nothing where the kernel does not list its
 * segments (macOS), or when the segment is another's or in use.
 */
export function removeSharedMemory(dataDirectory: string): void {
  const segment = readPostmasterFile(dataDirectory)?.sharedMemory;
  if (!segment || !isAbandoned(segment)) return;
  try {
    execFileSync('ipcrm', ['-m', String(segment.id)], { stdio: 'ignore' });
  } catch {
    // 56 bytes stay until the machine restarts; nothing else depends on them.
  }
}

function isAbandoned({ key, id }: { key: number; id: number }): boolean {
  try {
    return readFileSync('/proc/sysvipc/shm', 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .some((fields) => fields[0] === key && fields[1] === id && fields[6] === 0);
  } catch {
    return false;
  }
}
