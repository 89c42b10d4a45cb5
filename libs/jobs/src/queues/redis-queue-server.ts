import { Redis, type RedisOptions } from 'ioredis';
import { redisOptions } from './redis-options.js';
import type { ServerLog } from './server-log.js';

const COMMAND_LIMIT_MS = 2_000;
const MAX_RETRY_PAUSE_MS = 1_000;

/**
 * The queue's connections to Redis: `producer` fails at once while the server is away, `consumer` waits for its return
 * (the workers' blocking connections are copies of it). Both connect by themselves, again and again.
 */
export class RedisQueueServer {
  readonly producer: Redis;
  readonly consumer: Redis;

  constructor(url: string, log: ServerLog) {
    const options: RedisOptions = {
      ...redisOptions(url),
      retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RETRY_PAUSE_MS),
      connectTimeout: COMMAND_LIMIT_MS,
      maxRetriesPerRequest: null,
    };
    this.producer = new Redis({ ...options, enableOfflineQueue: false, commandTimeout: COMMAND_LIMIT_MS });
    this.consumer = new Redis(options);
    for (const client of [this.producer, this.consumer]) client.on('error', (error) => log.lost(error));
    this.producer.on('ready', () => log.back());
  }

  async end(): Promise<void> {
    this.producer.disconnect();
    this.consumer.disconnect();
  }
}
