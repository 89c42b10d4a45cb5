import { Redis, type RedisOptions } from 'ioredis';
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

/**
 * Turns a REDIS_URL into options. `rediss://` encrypts without checking the certificate, as managed Redis with its
 * self-signed one needs; with `?sslmode=verify-full` it is checked.
 */
export function redisOptions(url: string): RedisOptions {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(url);
  const isVerified = ['verify-ca', 'verify-full'].includes(searchParams.get('sslmode') ?? '');
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
    port: Number(port || 6379),
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    db: Number(pathname.slice(1) || 0),
    tls: protocol === 'rediss:' ? { rejectUnauthorized: isVerified } : undefined,
  };
}
