import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Which database cluster a data directory belongs to. */
export interface ClusterIdentity {
  systemIdentifier: string;
  timeline: number;
}

/**
 * Reads the identity out of a data directory whose server is stopped (`ControlFileData` of PostgreSQL's pg_control.h: the system
 * identifier comes first, the timeline of the last checkpoint at byte 48). Null when there is no control file.
 */
export function readClusterIdentity(dataDirectory: string): ClusterIdentity | null {
  const bytes = Buffer.alloc(52);
  try {
    const file = openSync(join(dataDirectory, 'global', 'pg_control'), 'r');
    try {
      if (readSync(file, bytes, 0, bytes.length, 0) < bytes.length) return null;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  return { systemIdentifier: bytes.readBigUInt64LE(0).toString(), timeline: bytes.readUInt32LE(48) };
}
