import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { asDirectoryError, EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { endServerProcesses } from '../server/server-processes.js';
import type { ServerSettings } from '../server/server-settings.js';
import { giveTo, type ServerUser } from '../server/server-user.js';
import { readClusterIdentity } from './control-file.js';
import { type Credentials, REPLICATION_ROLE } from './credentials.js';
import { copyDataDirectory, emptyDirectory } from './directory-copy.js';

const SIGNAL_FILE = 'standby.signal';

/** The settings that make a server follow the primary on this port through its own slot. */
export function followerSettings(slot: string, primaryPort: number, credentials: Credentials): ServerSettings {
  return {
    primary_slot_name: slot,
    primary_conninfo: [
      'host=127.0.0.1',
      `port=${primaryPort}`,
      `user=${REPLICATION_ROLE}`,
      `password=${credentials.replicationPassword}`,
      `application_name=${slot}`,
      'sslmode=disable',
      'connect_timeout=3',
    ].join(' '),
  };
}

/**
 * Why this data directory cannot be followed up with from where it is, judged by the disk alone; null when it can. A copy
 * that was broken off, a follower that was promoted and one of another cluster are all found here.
 */
export function findLocalFault(dataDirectory: string, primaryDirectory: string): string | null {
  const own = readClusterIdentity(dataDirectory);
  if (own === null) return 'there is no copy yet';
  if (!existsSync(join(dataDirectory, SIGNAL_FILE))) return 'its copy was not finished or it was promoted';
  const primary = readClusterIdentity(primaryDirectory);
  if (own.systemIdentifier !== primary?.systemIdentifier) return 'it belongs to another primary';
  if (own.timeline !== primary.timeline) return 'it is on another timeline than the primary';
  return null;
}

/** Why the primary can no longer serve this follower through its slot; null when it can. */
export async function findSlotFault(primary: Client, slot: string): Promise<string | null> {
  const { rows } = await primary.query<{ wal_status: string | null }>(
    'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
    [slot],
  );
  if (rows[0] === undefined) return 'the primary keeps no log for it';
  return rows[0].wal_status === 'lost' ? 'it was away for too long and the primary has dropped the log it needs' : null;
}

/**
 * Fills a stopped follower's data directory with a copy of the running primary (the low-level backup API, PostgreSQL manual
 * 25.3.4), reserving the log it needs in a new slot first. `standby.signal` is written last: without it the copy is not believed.
 */
export async function copyFromPrimary(
  primary: Client,
  primaryDirectory: string,
  dataDirectory: string,
  slot: string,
  { user, signal }: { user: ServerUser | null; signal?: AbortSignal },
): Promise<void> {
  try {
    await endServerProcesses(dataDirectory);
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    giveTo(dataDirectory, user);
    await emptyDirectory(dataDirectory);
    await dropSlot(primary, slot);
    await primary.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    await primary.query('SELECT pg_backup_start($1, true)', [slot]);
    await copyDataDirectory(primaryDirectory, dataDirectory, user, signal);
    const { rows } = await primary.query('SELECT labelfile, spcmapfile FROM pg_backup_stop(false)');
    if (rows[0].spcmapfile) throw new EmbeddedPostgresError('copy_failed', 'Tablespaces cannot be copied.');
    write(join(dataDirectory, 'backup_label'), rows[0].labelfile, user);
    write(join(dataDirectory, SIGNAL_FILE), '', user);
  } catch (error) {
    throw asDirectoryError(error, dataDirectory);
  }
}

/** Drops the slot, ending the connection of a follower that still streams through it. No failure when there is none. */
export async function dropSlot(primary: Client, slot: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const { rows } = await primary.query<{ active_pid: number | null }>(
      'SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    );
    if (rows[0] === undefined) return;
    if (rows[0].active_pid === null) {
      await primary.query('SELECT pg_drop_replication_slot($1)', [slot]);
      return;
    }
    if (attempt === 100) throw new EmbeddedPostgresError('copy_failed', `The slot ${slot} is in use.`);
    await primary.query('SELECT pg_terminate_backend($1)', [rows[0].active_pid]);
    await sleep(20);
  }
}

/** Drops the slots of followers that are no longer wanted, so that the primary keeps no log for them. */
export async function dropSlotsExcept(primary: Client, kept: readonly string[]): Promise<void> {
  const { rows } = await primary.query<{ slot_name: string }>(
    `SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'follower\\_%' AND slot_name <> ALL ($1)`,
    [kept],
  );
  for (const { slot_name: slot } of rows) await dropSlot(primary, slot);
}

/** Whether the follower streams through its slot within the limit. */
export async function waitUntilStreaming(primary: Client, slot: string, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { rowCount } = await primary.query(
      `SELECT 1 FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'`,
      [slot],
    );
    if (rowCount) return true;
    if (performance.now() > deadline) return false;
    await sleep(25);
  }
}

function write(path: string, text: string, user: ServerUser | null): void {
  writeFileSync(path, text, { mode: 0o600 });
  giveTo(path, user);
}
