import { describe, expect, it } from 'vitest';
import { dbRouteOf, degradedOf, isFallback } from './db-route';

const answer = (headers: Record<string, string>) => new Response(null, { headers });

describe('what an answer says of the server it came from', () => {
  it('is the server, the reason and the age', () => {
    const headers = { 'X-Db-Route': 'follower', 'X-Db-Route-Reason': 'ok', 'X-Db-Staleness-Ms': '312' };
    expect(dbRouteOf(answer(headers), 5)).toEqual({ target: 'follower', reason: 'ok', stalenessMs: 312, at: 5 });
  });

  it('has no age where no bound is known', () => {
    expect(dbRouteOf(answer({ 'X-Db-Route': 'follower' }))?.stalenessMs).toBeNull();
    expect(dbRouteOf(answer({ 'X-Db-Route': 'follower', 'X-Db-Staleness-Ms': '' }))?.stalenessMs).toBeNull();
  });

  it('is nothing where the answer does not say', () => {
    expect(dbRouteOf(answer({}))).toBeNull();
  });
});

describe('a stand-in', () => {
  const route = (target: string, reason: string) => ({ target, reason, stalenessMs: 0, at: 0 });

  it('is the primary for a follower in trouble, not one that was asked for', () => {
    expect(isFallback(route('primary', 'follower-open'))).toBe(true);
    expect(isFallback(route('primary', 'preference'))).toBe(false);
    expect(isFallback(route('primary', 'token-ahead'))).toBe(false);
    expect(isFallback(route('follower', 'ok'))).toBe(false);
    expect(isFallback(null)).toBe(false);
  });
});

describe('a server that is away', () => {
  it('is named by the answer', () => {
    expect(degradedOf(answer({ 'X-Db-Degraded': 'primary-down' }))).toBe('primary-down');
    expect(degradedOf(answer({ 'X-Db-Degraded': 'follower-down', 'X-Db-Route': 'primary' }))).toBe('follower-down');
  });

  it('is none when a follower answered and names none', () => {
    expect(degradedOf(answer({ 'X-Db-Route': 'follower', 'X-Db-Route-Reason': 'ok' }))).toBeNull();
  });

  it('is not known from an answer that would not have used it', () => {
    expect(degradedOf(answer({}))).toBeUndefined();
    expect(degradedOf(answer({ 'X-Db-Route': 'primary', 'X-Db-Route-Reason': 'preference' }))).toBeUndefined();
  });

  it('is not known from one read that failed on it', () => {
    const headers = { 'X-Db-Route': 'primary', 'X-Db-Route-Reason': 'retry', 'X-Db-Degraded': 'follower-down' };
    expect(degradedOf(answer(headers))).toBeUndefined();
  });
});
