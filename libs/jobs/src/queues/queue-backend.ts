import {
  type BackendFactory,
  type ConnectionOptions,
  createRedisBackend,
  PostgresQueueBackend,
  type QueueBaseOptions,
} from 'bullmq';
import { PostgresQueueConnection } from './postgres-queue.connection.js';
import { PostgresQueueServer } from './postgres-queue-server.js';
import { RedisQueueServer } from './redis-queue-server.js';

export type QueueServer = PostgresQueueServer | RedisQueueServer;

/**
 * Makes BullMQ's backend for one queue or worker out of the server that was passed as its `connection`. To be set as
 * the process's default, because @nestjs/bullmq hands nothing on but `connection`.
 */
export const createQueueBackend: BackendFactory = (name, options, role = {}) => {
  const server: unknown = options.connection;
  if (server instanceof PostgresQueueServer) {
    return new PostgresQueueBackend(
      new PostgresQueueConnection(server),
      name,
      options as unknown as QueueBaseOptions<PostgresQueueServer>,
    );
  }
  if (server instanceof RedisQueueServer) {
    const client = role.withBlockingConnection ? server.consumer : server.producer;
    return createRedisBackend(name, { ...options, connection: client }, role);
  }
  throw new TypeError('A queue of Tandem is made with a QueueServer as its connection');
};

/** What @nestjs/bullmq passes on as `connection`; its type knows nothing but Redis. */
export function asBullConnection(server: QueueServer): ConnectionOptions {
  return server as unknown as ConnectionOptions;
}
