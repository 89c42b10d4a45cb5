import { describe, expect, it } from 'vitest';
import { asksForSeed, choosePort, reachableHost, seedEnvironment, serviceEnvironment } from './service-environment.js';

const places = {
  primaryUrl: 'postgresql://p',
  followerUrls: ['postgresql://a', 'postgresql://b'],
  port: 1,
  healthPort: 2,
};

describe('serviceEnvironment', () => {
  it('passes the addresses of the stack on, and whatever else the caller has set', () => {
    const environment = serviceEnvironment({ LOG_LEVEL: 'warn', NODE_ENV: 'production' }, places, 'secret');
    expect(environment).toEqual({
      LOG_LEVEL: 'warn',
      NODE_ENV: 'development',
      DATABASE_URL: 'postgresql://p',
      ANALYTICS_DB_URL: 'postgresql://a,postgresql://b',
      HOST: '127.0.0.1',
      PORT: '1',
      HEALTH_PORT: '2',
      JWT_SECRET: 'secret',
    });
  });

  it('names no follower where there is none, and keeps a secret of the caller', () => {
    const environment = serviceEnvironment(
      { ANALYTICS_DB_URL: 'x', JWT_SECRET: 'mine' },
      { ...places, followerUrls: [] },
      's',
    );
    expect(environment.ANALYTICS_DB_URL).toBeUndefined();
    expect(environment.JWT_SECRET).toBe('mine');
  });
});

describe('seeding', () => {
  it('is of sample data unless the caller says otherwise', () => {
    expect(seedEnvironment({}).SEED_DATA).toBe('true');
    expect(seedEnvironment({ SEED_DATA: 'false' }).SEED_DATA).toBe('false');
    expect(asksForSeed({})).toBe(false);
    expect(asksForSeed({ SEED_PERFORMANCE_DATA: 'true' })).toBe(true);
  });
});

describe('choosePort', () => {
  const isFree = async (port: number) => port >= 8083;

  it('takes the next free port when none was asked for by name', async () => {
    expect(await choosePort({ port: 8080, portIsFixed: false }, isFree)).toBe(8083);
    expect(await choosePort({ port: 8090, portIsFixed: false }, isFree)).toBe(8090);
  });

  it('takes no other port than the one asked for by name', async () => {
    expect(await choosePort({ port: 8080, portIsFixed: true }, isFree)).toBeNull();
    expect(await choosePort({ port: 8083, portIsFixed: true }, isFree)).toBe(8083);
  });
});

describe('reachableHost', () => {
  it('is an address of this machine for one that means all of them', () => {
    expect(['', '0.0.0.0', '::', '::1', '10.0.0.1'].map((host) => reachableHost(host))).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      '127.0.0.1',
      '[::1]',
      '10.0.0.1',
    ]);
  });
});
