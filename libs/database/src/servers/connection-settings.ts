import type { ConnectionOptions } from 'node:tls';
import type { PoolConfig } from 'pg';
import { parse } from 'pg-connection-string';
import { vettedSocket } from './vetted-socket.js';

export interface SessionSettings {
  /** Shown by pg_stat_activity, so that an operator sees what a connection is for. */
  applicationName: string;
  connectTimeoutMs: number;
  /** 0: no limit, for streams. */
  statementTimeoutMs: number;
  /** Whether each statement runs read-only unless it says otherwise; for everything that may reach a follower. */
  readOnly: boolean;
  /** Whether a statement may use several of the server's processors at once; it may unless told otherwise. */
  isParallel?: boolean;
}

/**
 * Turns a database URL into options of `pg`. `sslmode` means what libpq's means: `require` encrypts without checking
 * the certificate (what Heroku needs), `verify-ca` and `verify-full` check it.
 */
export function connectionSettings(url: string, session: SessionSettings): PoolConfig {
  const parts = parse(withoutSslParameters(url));
  const options = [
    `-c statement_timeout=${session.statementTimeoutMs}`,
    '-c idle_in_transaction_session_timeout=60000',
    '-c timezone=UTC',
    ...(session.isParallel === false ? ['-c max_parallel_workers_per_gather=0'] : []),
    ...(session.readOnly ? ['-c default_transaction_read_only=on'] : []),
    ...(parts.options ? [parts.options] : []),
  ];
  const ssl = sslOptions(url);
  return {
    host: parts.host ?? undefined,
    port: parts.port ? Number(parts.port) : undefined,
    user: parts.user,
    password: parts.password,
    database: parts.database ?? undefined,
    ssl,
    stream: () => vettedSocket(ssl !== false),
    application_name: session.applicationName,
    connectionTimeoutMillis: session.connectTimeoutMs,
    keepAlive: true,
    options: options.join(' '),
  };
}

/** The TLS options that `sslmode` (and `sslrootcert`) of a URL ask for; false without it. */
export function sslOptions(url: string): ConnectionOptions | false {
  const parameters = new URL(url).searchParams;
  switch (parameters.get('sslmode') ?? 'disable') {
    case 'disable':
    case 'allow':
    case 'prefer':
      return false;
    case 'verify-ca':
    case 'verify-full': {
      const { ssl } = parse(url);
      return typeof ssl === 'object' ? (ssl as ConnectionOptions) : { rejectUnauthorized: true };
    }
    default:
      return { rejectUnauthorized: false };
  }
}

function withoutSslParameters(url: string): string {
  const parsed = new URL(url);
  for (const name of ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl']) parsed.searchParams.delete(name);
  return parsed.toString();
}
