import { EventEmitter } from 'node:events';
import { connectionSettings } from '@app/database';
import { assertSchemaCompatibility, type PgPool, type PgPoolClient, type PgQueryResult } from 'bullmq';
import pg from 'pg';
import { QueueUnavailableError } from './queue-unavailable.error.js';
import type { ServerLog } from './server-log.js';

/** The schema that BullMQ's tables and functions live in. */
export const QUEUE_SCHEMA = 'queue';

const MAX_CONNECTIONS = 5;
const QUERY_LIMIT_MS = 10_000;
/** What BullMQ's own functions raise: an answer about a job, not a failure of the server. */
const BULLMQ_ANSWER = 'BM001';

/**
 * The queue's connections to the primary: one small pool and one listening connection for all queues and workers of
 * the process (BullMQ by itself would open a pool and a listener for each). Connects when asked; no failure is
 * remembered, so the process may start long before its database.
 */
export class PostgresQueueServer extends EventEmitter<{ 'listener-lost': [] }> implements PgPool {
  private readonly pool: pg.Pool;
  private listening: Promise<PgPoolClient> | undefined;
  private schemaChecked: Promise<unknown> | undefined;

  constructor(
    url: string,
    connectTimeoutMs: number,
    private readonly log: ServerLog,
  ) {
    super();
    const settings = connectionSettings(url, {
      applicationName: 'tandem-queue',
      connectTimeoutMs,
      statementTimeoutMs: QUERY_LIMIT_MS,
      readOnly: false,
    });
    this.pool = new pg.Pool({
      ...settings,
      options: `${settings.options ?? ''} -c search_path=${QUEUE_SCHEMA}`,
      // A server that hangs keeps its sockets open: only the client's own limit ends such a wait.
      query_timeout: QUERY_LIMIT_MS,
      max: MAX_CONNECTIONS,
    });
    this.pool.on('error', (error) => this.log.lost(error));
  }

  /** @throws QueueUnavailableError when the server is away or the schema not there yet; asking again is worth it. */
  async assertReady(): Promise<void> {
    this.schemaChecked ??= this.attempt(() => assertSchemaCompatibility(this.pool as unknown as PgPool, QUEUE_SCHEMA));
    try {
      await this.schemaChecked;
    } catch (error) {
      this.schemaChecked = undefined;
      throw error;
    }
  }

  query<R>(text: string, values?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return this.attempt(
      () => this.pool.query(text, values && [...values]) as Promise<unknown> as Promise<PgQueryResult<R>>,
    );
  }

  connect(): Promise<PgPoolClient> {
    return this.attempt(async () => (await this.pool.connect()) as unknown as PgPoolClient);
  }

  /** The connection that hears of new jobs. When it is lost, `listener-lost` is told and the next call opens another. */
  async listener(): Promise<PgPoolClient> {
    this.listening ??= this.openListener();
    try {
      return await this.listening;
    } catch (error) {
      this.listening = undefined;
      throw error;
    }
  }

  async end(): Promise<void> {
    const client = await this.listening?.catch(() => undefined);
    client?.removeAllListeners('end');
    client?.release(true);
    this.listening = undefined;
    if (!this.pool.ending) await this.pool.end();
  }

  private async openListener(): Promise<PgPoolClient> {
    const client = oneAfterTheOther(await this.connect());
    client.on('error', (error) => this.log.lost(error));
    client.on('end', () => {
      client.removeAllListeners('notification');
      client.release(true);
      this.listening = undefined;
      this.emit('listener-lost');
    });
    return client;
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.log.back();
      return result;
    } catch (error) {
      if ((error as { code?: unknown }).code === BULLMQ_ANSWER) throw error;
      this.log.lost(error);
      throw new QueueUnavailableError(error);
    }
  }
}

/** The listener belongs to several queues, and a client of pg takes one statement at a time. */
function oneAfterTheOther(client: PgPoolClient): PgPoolClient {
  const query = client.query.bind(client);
  let last: Promise<unknown> = Promise.resolve();
  client.query = ((text: string, values?: unknown[]) => {
    const next = last.catch(() => undefined).then(() => query(text, values));
    last = next;
    return next;
  }) as PgPoolClient['query'];
  return client;
}
