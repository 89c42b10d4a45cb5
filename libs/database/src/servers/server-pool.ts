import pg, { type PoolClient, type PoolConfig } from 'pg';
import type { SqlSession, Statement } from './statement.js';

const TIMESTAMP_OIDS = new Set([1082, 1114, 1184]);

/** Times stay text: a JavaScript Date would lose the microseconds and shift zoneless ones by the process's zone. */
const textualTimes = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    TIMESTAMP_OIDS.has(oid) ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * The connections of this process to one server for one purpose. Unlike a bare `pg.Pool` it knows its sockets, so they
 * can all be destroyed when the server hangs: a stopped server keeps accepting and never answers.
 */
export class ServerPool implements SqlSession {
  readonly pool: pg.Pool;
  private readonly clients = new Set<PoolClient>();

  constructor(
    readonly name: string,
    config: PoolConfig,
  ) {
    this.pool = new pg.Pool({ ...config, types: textualTimes } as PoolConfig);
    this.pool.on('connect', (client) => {
      this.clients.add(client);
      // Whoever has borrowed the client hears of a lost socket from the statement; unheard, the event ends the process.
      client.on('error', () => undefined);
    });
    this.pool.on('remove', (client) => this.clients.delete(client));
    // An idle connection that dies is no event of its own: the monitor notices the server, the pool drops the client.
    this.pool.on('error', () => undefined);
  }

  async query<Row extends object>(query: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(queryConfig(query, values))).rows;
  }

  /** Runs `fn` on one connection of its own and gives it back, or destroys it when `fn` fails. */
  async withClient<T>(fn: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      return await fn(client);
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }

  /** Ends every socket at once. Statements under way fail with a connection error; later ones open new sockets. */
  destroySockets(): void {
    for (const client of this.clients) {
      const { stream } = (client as unknown as { connection: { stream: { destroy(error: Error): void } } }).connection;
      stream.destroy(new Error('Socket destroyed by its owner: the server does not answer'));
    }
  }

  /** Connections in use, idle and asked for; `max` is their limit. */
  get usage(): { max: number; used: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.pool;
    // The pool queues who takes an idle connection too, until the end of the turn: a scrape that asks the primary for
    // the queues' depths would else always find itself waiting.
    const waiting = Math.max(0, waitingCount - idleCount);
    return { max: this.pool.options.max ?? 10, used: totalCount - idleCount, idle: idleCount, waiting };
  }

  async end(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }
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
