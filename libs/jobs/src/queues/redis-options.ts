import type { RedisOptions } from 'ioredis';

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
