import { describe, expect, test } from 'vitest';
import { redisOptions } from './redis-options.js';

describe('what a REDIS_URL means', () => {
  test('a plain one is not encrypted, with the usual port and database', () => {
    expect(redisOptions('redis://queue.example')).toMatchObject({
      host: 'queue.example',
      port: 6379,
      db: 0,
      tls: undefined,
      username: undefined,
    });
  });

  test('credentials, port and database are taken from it', () => {
    expect(redisOptions('redis://user:p%40ss%3A1@[::1]:7001/3')).toMatchObject({
      host: '::1',
      port: 7001,
      db: 3,
      username: 'user',
      password: 'p@ss:1',
    });
  });

  test('rediss encrypts without checking the certificate, as managed ones are self-signed, unless told to', () => {
    expect(redisOptions('rediss://:secret@queue.example:6380').tls).toEqual({ rejectUnauthorized: false });
    expect(redisOptions('rediss://queue.example?sslmode=verify-full').tls).toEqual({ rejectUnauthorized: true });
  });
});
