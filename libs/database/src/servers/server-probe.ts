import { connect } from 'node:net';
import pg, { type ClientConfig } from 'pg';

/** What one good probe learned. LSNs are PostgreSQL's `X/Y` text. */
export interface ServerSighting {
  isInRecovery: boolean;
  systemIdentifier: string;
  /** The insert position of a primary, the replay position of a follower; null before the first replay. */
  lsn: string | null;
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const LOOK = `SELECT pg_is_in_recovery() AS "isInRecovery",
  (SELECT system_identifier::text FROM pg_control_system()) AS "systemIdentifier",
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn`;

/**
 * Looks at one server on a connection of its own, so that neither a full pool nor slow statements are taken for a dead
 * server. The connection is kept between looks and destroyed by the first that fails.
 */
export class ServerProbe {
  private client: pg.Client | undefined;

  constructor(
    private readonly config: ClientConfig & { host?: string; port?: number },
    private readonly timeoutMs: number,
  ) {}

  /**
   * Greeting, sign-in and question each have the time limit for themselves: together they would be too much for a
   * server that comes back on a busy machine.
   *
   * @throws whatever kept the server from answering in time; the socket is gone then.
   */
  async look(): Promise<ServerSighting> {
    try {
      const client = this.client ?? (await this.open());
      const answer = client.query<ServerSighting>({ name: 'probe', text: LOOK });
      const { rows } = await abortable(answer, AbortSignal.timeout(this.timeoutMs));
      const sighting = rows[0];
      if (sighting === undefined) throw new Error('The server answered the probe with no row');
      return sighting;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const client = this.client;
    this.client = undefined;
    if (client) socketOf(client).destroy();
  }

  private async open(): Promise<pg.Client> {
    await this.checkGreeting(AbortSignal.timeout(this.timeoutMs));
    const client = new pg.Client({ ...this.config, connectionTimeoutMillis: this.timeoutMs });
    client.on('error', () => this.close());
    this.client = client;
    await abortable(client.connect(), AbortSignal.timeout(this.timeoutMs));
    return client;
  }

  /**
   * Asks for TLS on a socket of its own and reads one byte. A server that is none may answer what the protocol parser
   * of `pg` can't take (it loops for ever on some malformed messages), so an unknown server never reaches it.
   */
  private checkGreeting(deadline: AbortSignal): Promise<void> {
    const { host = 'localhost', port = 5432 } = this.config;
    if (host.startsWith('/')) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const settle = (error?: Error): void => {
        socket.destroy();
        deadline.removeEventListener('abort', onAbort);
        error ? reject(error) : resolve();
      };
      const onAbort = (): void => settle(new Error('The server did not answer in time'));
      deadline.addEventListener('abort', onAbort);
      socket.once('connect', () => socket.write(SSL_REQUEST));
      socket.once('error', settle);
      socket.once('close', () => settle(new Error('The server closed the connection without an answer')));
      socket.once('data', (data) => {
        const answer = String.fromCharCode(data[0] ?? 0);
        const isPostgres = data.length === 1 && (answer === 'S' || answer === 'N');
        settle(isPostgres ? undefined : new Error('What answers there is not PostgreSQL'));
      });
    });
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('The server did not answer in time'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function socketOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
