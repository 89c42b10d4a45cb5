import type { Socket } from 'node:net';
import pg, { type PoolClient, type PoolConfig } from 'pg';
import { TELL_SESSION } from '../transactions/change-context.js';
import { ConnectionFailedError, isAnswer } from './database-errors.js';
import type { CheckoutCounters } from './pool-checkouts.js';
import { FOLLOWER_POSITION, POSITION_AFTER_WRITE } from './position.sql.js';
import type {
  Positioned,
  PositionedQuery,
  PositionedServer,
  PositionedStatement,
  SqlSession,
  Statement,
} from './statement.js';

const TIMESTAMP_OIDS = new Set([1082, 1114, 1184]);

/** Times stay text: a JavaScript Date would lose the microseconds and shift zoneless ones by the process's zone. */
const textualTimes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    TIMESTAMP_OIDS.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text'),
};

export interface ServerPoolOptions extends PoolConfig {
  /** The statement that tells the log's position after another one. */
  position: Statement;
  checkouts: CheckoutCounters;
  /** Asked on every new connection before anything else; what it throws is thrown to whoever wanted the connection. */
  verifyServer?: (session: SqlSession) => Promise<void>;
}

/**
 * The connections of this process to one server for one purpose. Unlike a bare `pg.Pool` it knows its sockets, so they
 * can all be destroyed when the server hangs: a stopped server keeps accepting and never answers.
 */
export class ServerPool implements SqlSession, PositionedServer {
  readonly pool: pg.Pool;
  /** `performance.now()` of the last answer of the server, an error of its own included. */
  answeredAt = Number.NEGATIVE_INFINITY;
  private readonly clients = new Set<PoolClient>();
  private readonly max: number;
  private readonly place: Statement;
  private readonly checkouts: CheckoutCounters;

  constructor(
    readonly name: string,
    { position, checkouts, verifyServer, ...config }: ServerPoolOptions,
  ) {
    this.place = position;
    this.checkouts = checkouts;
    this.max = config.max ?? 10;
    const verify = verifyServer && verifying(verifyServer);
    this.pool = new pg.Pool({ ...config, types: textualTimes, verify } as PoolConfig);
    this.pool.on('connect', (client) => {
      this.clients.add(client);
      // Whoever has borrowed the client hears of a lost socket from the statement; unheard, the event ends the process.
      client.on('error', () => undefined);
    });
    this.pool.on('remove', (client) => this.clients.delete(client));
    // An idle connection that dies is no event of its own: the monitor notices the server, the pool drops the client.
    this.pool.on('error', () => undefined);
  }

  query<Row extends object>(query: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.withClient(async (client) => (await client.query<Row>(queryConfig(query, values))).rows);
  }

  /** The rows, and where the server's log was right after: both go out in one message and cost one round trip. */
  queryAt<Row extends object>(query: PositionedQuery, values: readonly unknown[] = []): Promise<Positioned<Row>> {
    if (typeof query === 'object' && 'onPrimary' in query) return this.queryTelling(query, values);
    return this.withClient((client) => answerAndPosition<Row>(client, queryConfig(query, values), this.place));
  }

  /**
   * The same for a write: the session is told before it on whose behalf it is, and forgets it right after, all in one
   * message. A connection therefore never carries one caller's context into another's statement, whatever fails.
   */
  writeAt<Row extends object>(
    query: Statement | string,
    values: readonly unknown[],
    context: string,
  ): Promise<Positioned<Row>> {
    return this.withClient((client) => {
      const { stream } = socketHolder(client);
      stream.cork();
      // Without its context a write is told as the system's; failing it for that would help nobody.
      client.query(queryConfig(TELL_SESSION, [context])).catch(() => undefined);
      const answer = answerAndPosition<Row>(client, queryConfig(query, values), POSITION_AFTER_WRITE);
      stream.uncork();
      return answer;
    });
  }

  private async queryTelling<Row extends object>(
    { onPrimary, onFollower }: PositionedStatement,
    values: readonly unknown[],
  ): Promise<Positioned<Row>> {
    const asked = this.place === FOLLOWER_POSITION ? onFollower : onPrimary;
    const rows = await this.query<Row & { position?: string | null }>(asked, values);
    return { rows, position: rows[0]?.position ?? null };
  }

  /** Where the server's log is now. */
  async position(): Promise<string | null> {
    const [row] = await this.query<{ position: string | null }>(this.place);
    return row?.position ?? null;
  }

  /** Runs `fn` on one connection in one read-only snapshot. */
  inSnapshot<T>(fn: (session: SqlSession) => Promise<T>): Promise<{ result: T; position: string | null }> {
    return this.withClient(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        const result = await fn(clientSession(client));
        const { rows } = await client.query<{ position: string | null }>({ ...this.place });
        return { result, position: rows[0]?.position ?? null };
      } finally {
        await client.query('ROLLBACK').catch(() => undefined);
      }
    });
  }

  /** Runs `fn` on one connection of its own and gives it back, or destroys it when the connection failed. */
  async withClient<T>(fn: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.checkOut();
    let failure: Error | undefined;
    try {
      return await fn(client);
    } catch (error) {
      if (!isAnswer(error)) failure = error as Error;
      throw error;
    } finally {
      if (failure === undefined) this.answeredAt = performance.now();
      client.release(failure);
    }
  }

  /** Ends every socket at once. Statements under way fail with a connection error; later ones open new sockets. */
  destroySockets(): void {
    for (const client of this.clients) {
      socketHolder(client).stream.destroy(new Error('Socket destroyed by its owner: the server does not answer'));
    }
  }

  /** Whether new sockets may be opened; while not, callers share those that there are. */
  allowGrowth(isAllowed: boolean): void {
    this.pool.options.max = isAllowed ? this.max : Math.min(this.max, this.pool.totalCount);
  }

  /** Connections in use, idle and asked for; `max` is their limit. */
  get usage(): { max: number; used: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    // The pool queues who takes an idle connection too, until the end of the turn: a scrape that asks the primary for
    // the queues' depths would else always find itself waiting.
    const waiting = Math.max(0, waitingCount - idleCount);
    return { max: this.max, used: totalCount - idleCount, idle: idleCount, waiting };
  }

  async end(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }

  /**
   * Not by the pool's promise: when its time limit passes while it verifies a new connection it answers twice, the second
   * time with a client that nobody waits for and that would be lost to the pool.
   */
  private connect(): Promise<PoolClient> {
    return new Promise((resolve, reject) => {
      let isSettled = false;
      this.pool.connect((error, client) => {
        if (isSettled) return client?.release();
        isSettled = true;
        if (client === undefined) reject(error);
        else resolve(client);
      });
    });
  }

  async checkOut(): Promise<PoolClient> {
    const startedAt = performance.now();
    try {
      return await this.connect();
    } catch (error) {
      if (isCheckoutTimeout(error)) this.checkouts.timedOut();
      // What a server says while it lets us in is no answer to any statement, whatever it looks like.
      throw new ConnectionFailedError(error);
    } finally {
      this.checkouts.waited((performance.now() - startedAt) / 1000);
    }
  }
}

/** Both in one message: the connections of the pool send without waiting for the answer before. */
async function answerAndPosition<Row extends object>(
  client: PoolClient,
  query: pg.QueryConfig,
  place: Statement,
): Promise<Positioned<Row>> {
  const { stream } = socketHolder(client);
  stream.cork();
  const answer = client.query<Row>(query);
  const where = client.query<{ position: string | null }>({ ...place });
  stream.uncork();
  // Asked in any case, but what matters when both fail is why the first did.
  where.catch(() => undefined);
  const { rows } = await answer;
  return { rows, position: (await where).rows[0]?.position ?? null };
}

/** `pg` has no public way to a connection's socket. */
function socketHolder(client: PoolClient): { stream: Socket } {
  return (client as unknown as { connection: { stream: Socket } }).connection;
}

/** Whether a pool had no connection to give in time: all were busy, or the server did not accept a new one. */
export function isCheckoutTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    /timeout exceeded when trying to connect|terminated due to connection timeout/.test(error.message)
  );
}

export function queryConfig(query: Statement | string, values: readonly unknown[]): pg.QueryConfig {
  return typeof query === 'string'
    ? { text: query, values: [...values] }
    : { name: query.name, text: query.text, values: [...values] };
}

/** The statements of one connection, for code that must stay on it. */
export function clientSession(client: pg.ClientBase): SqlSession {
  return {
    query: async <Row extends object>(query: Statement | string, values: readonly unknown[] = []) =>
      (await client.query<Row>(queryConfig(query, values))).rows,
  };
}

/** As the pool wants it: with a callback. */
function verifying(verify: (session: SqlSession) => Promise<void>) {
  return (client: PoolClient, done: (error?: Error) => void): void => {
    verify(clientSession(client)).then(
      () => done(),
      (error: Error) => done(error),
    );
  };
}
