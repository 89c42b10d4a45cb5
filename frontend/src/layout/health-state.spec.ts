import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/api-error';
import { healthStateOf } from './health-state';

const ONLINE = { isOnline: true };

describe('what the banner says', () => {
  const state = (database: string, analytics_db: string) => healthStateOf({ database, analytics_db }, null, ONLINE);

  it('says nothing while all is well, or while nothing is known yet', () => {
    expect(state('connected', 'connected')).toBe('well');
    expect(healthStateOf(undefined, null, ONLINE)).toBe('well');
  });

  it('says nothing of a follower that was never asked for', () => {
    expect(state('connected', 'using primary')).toBe('well');
  });

  it('tells a lost follower from a lost primary, which weighs more', () => {
    expect(state('connected', 'disconnected')).toBe('follower-down');
    expect(state('disconnected', 'disconnected')).toBe('primary-down');
  });

  it('tells a device without a network from a server that does not answer', () => {
    expect(healthStateOf(undefined, new ApiError(''), { isOnline: false })).toBe('offline');
    expect(healthStateOf(undefined, new ApiError(''), ONLINE)).toBe('unreachable');
  });

  it('believes an answer that names a server that is away before /health says so', () => {
    const well = { database: 'connected', analytics_db: 'connected' };
    expect(healthStateOf(well, null, { ...ONLINE, degraded: 'follower-down' })).toBe('follower-down');
    expect(healthStateOf(undefined, null, { ...ONLINE, degraded: 'primary-down' })).toBe('primary-down');
    const lost = { database: 'disconnected', analytics_db: 'connected' };
    expect(healthStateOf(lost, null, { ...ONLINE, degraded: 'follower-down' })).toBe('primary-down');
  });
});
