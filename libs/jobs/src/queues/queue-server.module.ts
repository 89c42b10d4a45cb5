import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { PostgresQueueServer } from './postgres-queue-server.js';
import type { QueueServer } from './queue-backend.js';
import { ServerLog } from './server-log.js';

/** Injection token of the server that the queues live on. */
export const QUEUE_SERVER = Symbol('queue-server');

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
  ],
  exports: [QUEUE_SERVER],
})
export class QueueServerModule implements OnApplicationShutdown {
  constructor(@Inject(QUEUE_SERVER) private readonly server: QueueServer) {}

  async onApplicationShutdown(): Promise<void> {
    await this.server.end();
  }
}
