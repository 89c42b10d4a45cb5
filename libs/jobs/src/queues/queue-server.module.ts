import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { ConnectionOptions } from 'bullmq';
import { setDefaultBackendFactory } from 'bullmq';
import { PostgresQueueServer } from './postgres-queue-server.js';
import { asBullConnection, createQueueBackend, type QueueServer } from './queue-backend.js';
import { ServerLog } from './server-log.js';

/** Injection token of the server that the queues live on. */
export const QUEUE_SERVER = Symbol('queue-server');

/** What each queue and worker of BullMQ in this process is made with. */
export interface ConsumerOptions {
  connection: ConnectionOptions;
  prefix: string;
}

/** Injection token of the `ConsumerOptions`. */
export const CONSUMER_OPTIONS = Symbol('consumer-options');

/** Redis where REDIS_URL is set, else the primary. Opening one waits for nothing. */
@Module({
  providers: [
    {
      provide: QUEUE_SERVER,
      inject: [Configuration, LOGGER],
      useFactory: async ({ redisUrl, database }: Configuration, logger: Logger): Promise<QueueServer> => {
        const log = new ServerLog(logger);
        if (redisUrl === undefined) {
          return new PostgresQueueServer(database.primaryUrl, database.primaryConnectTimeoutMs, log);
        }
        // Loaded only where it is used: it costs memory.
        const { RedisQueueServer } = await import('./redis-queue-server.js');
        return new RedisQueueServer(redisUrl, log);
      },
    },
    {
      provide: CONSUMER_OPTIONS,
      inject: [QUEUE_SERVER],
      useFactory: (server: QueueServer): ConsumerOptions => {
        setDefaultBackendFactory(createQueueBackend);
        return { connection: asBullConnection(server), prefix: 'tandem' };
      },
    },
  ],
  exports: [CONSUMER_OPTIONS, QUEUE_SERVER],
})
export class QueueServerModule implements OnApplicationShutdown {
  constructor(@Inject(QUEUE_SERVER) private readonly server: QueueServer) {}

  async onApplicationShutdown(): Promise<void> {
    await this.server.end();
  }
}
