import pg, { type ClientConfig } from 'pg';
import { type Lsn, lastRecordEnd, parseLsn } from '../positions/lsn.js';

/** Which server it is, and which of its histories: a promotion begins a new timeline of the same system. */
export interface ServerIdentity {
  systemId: string;
  timeline: number;
}

/** What one good probe learned. */
export interface ServerSighting extends ServerIdentity {
  isInRecovery: boolean;
  /**
   * A primary's insert position without the header of a page that holds nothing yet, a follower's replay position;
   * undefined before the first replay.
   */
  lsn: Lsn | undefined;
  /** Bytes of one file of the log. */
  segmentSize: number;
  /** `performance.now()` before the question was sent: what the answer says was true at that moment or later. */
  askedAt: number;
}

interface Row {
  isInRecovery: boolean;
  systemId: string;
  timeline: number;
  lsn: string | null;
  segmentSize: number;
}

/** The latest timeline that a follower is known to be on. */
export const FOLLOWER_TIMELINE = `greatest((SELECT timeline_id FROM pg_control_checkpoint()),
  (SELECT min_recovery_end_timeline FROM pg_control_recovery()), (SELECT received_tli FROM pg_stat_wal_receiver))`;

/**
 * The timeline of a primary is in the name of the file that it writes. A follower's is told by its receiver where the
 * role may see it (pg_monitor); its control file follows at the next restart point, which may be minutes later.
 */
const LOOK = `SELECT pg_is_in_recovery() AS "isInRecovery",
  (SELECT system_identifier::text FROM pg_control_system()) AS "systemId",
  (SELECT bytes_per_wal_segment FROM pg_control_init()) AS "segmentSize",
  CASE WHEN pg_is_in_recovery()
    THEN ${FOLLOWER_TIMELINE}
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END AS timeline,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn`;

/** The server accepts connections or statements and does not answer them. */
export class NoAnswerError extends Error {
  constructor() {
    super('The server did not answer in time');
    this.name = 'NoAnswerError';
  }
}

/**
 * Looks at one server on a connection of its own, so that neither a full pool nor slow statements are taken for a dead
 * server. The connection is kept between looks and destroyed by the first that fails.
 */
export class ServerProbe {
  /** For signing in, which takes a busy server longer than a question. */
  signInLimitMs: number;
  private client: pg.Client | undefined;

  constructor(
    private readonly config: ClientConfig,
    private readonly timeoutMs: number,
  ) {
    this.signInLimitMs = timeoutMs;
  }

  /**
   * Sign-in and question each have the time limit for themselves: together they would be too much for a server that
   * comes back on a busy machine.
   *
   * @throws whatever kept the server from answering in time; the socket is gone then.
   */
  async look(): Promise<ServerSighting> {
    try {
      const client = this.client ?? (await this.open());
      const askedAt = performance.now();
      const { rows } = await inTime(client.query<Row>({ name: 'probe', text: LOOK }), this.timeoutMs);
      const [row] = rows;
      if (row === undefined) throw new Error('The server answered the probe with no row');
      return sightingOf(row, askedAt);
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
    const client = new pg.Client({ ...this.config, connectionTimeoutMillis: this.signInLimitMs });
    client.on('error', () => {
      if (this.client === client) this.close();
    });
    this.client = client;
    await inTime(client.connect(), this.signInLimitMs);
    return client;
  }
}

function sightingOf({ isInRecovery, systemId, timeline, lsn, segmentSize }: Row, askedAt: number): ServerSighting {
  const position = lsn === null ? undefined : parseLsn(lsn);
  const isInsert = !isInRecovery && position !== undefined;
  return {
    isInRecovery,
    systemId,
    timeline,
    lsn: isInsert ? lastRecordEnd(position, segmentSize) : position,
    segmentSize,
    askedAt,
  };
}

function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError()), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function socketOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
