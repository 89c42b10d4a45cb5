import { type PgPoolClient, PostgresConnection } from 'bullmq';
import { type PostgresQueueServer, QUEUE_SCHEMA } from './postgres-queue-server.js';

/**
 * What one queue or worker of BullMQ takes for its own connection. BullMQ's version remembers a failed first connection
 * for ever, opens a listener for each worker, and knows a pool that it is given only in a schema of its choice.
 */
export class PostgresQueueConnection extends PostgresConnection {
  override readonly schema: string = QUEUE_SCHEMA;

  constructor(private readonly server: PostgresQueueServer) {
    super(server);
    server.on('listener-lost', this.tellListenerLost);
  }

  override waitUntilReady(): Promise<void> {
    return this.server.assertReady();
  }

  override getListenClient(): Promise<PgPoolClient> {
    return this.server.listener();
  }

  /** The listener is shared, so it keeps the name that the pool gave it. */
  override async setListenClientName(): Promise<void> {}

  override async close(): Promise<void> {
    this.server.off('listener-lost', this.tellListenerLost);
    await super.close();
  }

  private readonly tellListenerLost = (): void => {
    this.emit('listenerinvalidated');
  };
}
