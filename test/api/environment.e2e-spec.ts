import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startApi } from '../support/api-process.js';

const NOWHERE = 'postgres://tandem:hidden-password@127.0.0.1:1/tandem';

it('a bad environment ends the start with 1 and one message that names every bad variable and no value', async () => {
  const api = await startApi({
    DATABASE_URL: 'mysql://user:hidden-password@host/db',
    ANALYTICS_DB_URL: `${NOWHERE}, not-a-url-hidden`,
    REDIS_URL: 'http://hidden-host',
    PORT: '70000-hidden',
    JWT_SECRET: 'short-hidden',
    NODE_ENV: 'production',
    REGISTRATION: 'ajar-hidden',
    LOG_LEVEL: 'loud-hidden',
    PRIMARY_POOL_MAX: '0',
    TRUST_PROXY: 'maybe-hidden',
  });
  expect(await api.exited()).toBe(1);
  const output = api.output();
  for (const name of [
    'DATABASE_URL',
    'ANALYTICS_DB_URL',
    'REDIS_URL',
    'PORT',
    'JWT_SECRET',
    'REGISTRATION',
    'LOG_LEVEL',
    'PRIMARY_POOL_MAX',
    'TRUST_PROXY',
  ]) {
    expect(output.match(new RegExp(`- ${name} `, 'g'))).toHaveLength(1);
  }
  expect(output.match(/The environment is not usable/g)).toHaveLength(1);
  expect(output).not.toMatch(/hidden|\bat .*\.js/);
});

it('a missing DATABASE_URL is named', async () => {
  const api = await startApi({});
  expect(await api.exited()).toBe(1);
  expect(api.output()).toMatch(/DATABASE_URL is missing/);
});

it('production asks for a JWT_SECRET of its own', async () => {
  for (const [secret, why] of [
    ['', 'is missing'],
    ['x'.repeat(40), 'sample'],
    ['change-me'.repeat(6), 'sample'],
  ]) {
    const api = await startApi({ NODE_ENV: 'production', DATABASE_URL: NOWHERE, JWT_SECRET: secret ?? '' });
    expect(await api.exited()).toBe(1);
    expect(api.output()).toMatch(new RegExp(`JWT_SECRET .*${why}`));
  }
});

it('a port that is taken ends the start with 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const api = await startApi({ DATABASE_URL: NOWHERE, PORT: String(port) });
  expect(await api.exited()).toBe(1);
  expect(api.output()).toContain('EADDRINUSE');
  expect(api.output()).not.toContain('hidden-password');
  server.close();
});
