/** PostgreSQL settings by name, as they would stand in postgresql.conf. */
export type ServerSettings = Record<string, string | number | boolean>;

/** What every server of a cluster runs with; a caller's own settings come after and win. */
export const DEFAULT_SETTINGS: ServerSettings = {
  listen_addresses: '127.0.0.1',
  // No socket: its path is limited to some 100 bytes, and nothing here connects through one.
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: 200,
  shared_buffers: '128MB',
  // Files in the data directory instead of /dev/shm: a killed server leaves nothing outside of it.
  dynamic_shared_memory_type: 'mmap',
  huge_pages: 'off',
  jit: false,
  wal_level: 'replica',
  max_wal_senders: 16,
  max_replication_slots: 16,
  // A follower that is away for longer loses its slot and is copied anew, rather than filling the disk.
  max_slot_wal_keep_size: '2GB',
  max_wal_size: '1GB',
  wal_retrieve_retry_interval: '500ms',
  wal_receiver_status_interval: '1s',
  hot_standby: true,
  hot_standby_feedback: true,
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: true,
  log_directory: 'log',
  // One file a weekday, begun anew a week later: the log never grows without end.
  log_filename: 'postgresql-%a.log',
  log_rotation_age: '1d',
  log_truncate_on_rotation: true,
  log_line_prefix: '%m [%p] %q%a ',
};

/** The text of a postgresql.conf. */
export function renderSettings(settings: ServerSettings): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}`);
  return ['# Written by Tandem at every start; use ALTER SYSTEM for settings of your own.', ...lines, ''].join('\n');
}

/** Passwords only, from this machine only. */
export const HOST_RULES = [
  '# type  database     user  address       method',
  'host    all          all   127.0.0.1/32  scram-sha-256',
  'host    replication  all   127.0.0.1/32  scram-sha-256',
  '',
].join('\n');

function quote(value: string | number | boolean): string {
  const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
