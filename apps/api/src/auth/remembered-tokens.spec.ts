import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuthenticatedUser } from './authenticated-user.js';
import { RememberedTokens } from './remembered-tokens.js';

const NOW = Date.parse('2026-11-22T09:17:21Z');
const CAPACITY = 10_000;

function user(id: number, lifetimeSeconds = 60): AuthenticatedUser {
  const expiresAt = NOW / 1000 + lifetimeSeconds;
  return { id, username: `user-${id}`, organizationId: 1, role: 'member', isOperator: false, expiresAt };
}

describe('RememberedTokens', () => {
  beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  test('knows a caller by the whole token only', () => {
    const tokens = new RememberedTokens();
    tokens.remember('head.body.signature', user(1));
    expect(tokens.find('head.body.signature')).toEqual(user(1));
    for (const other of ['head.body.signaturE', 'head.body.', 'head.body.signature ', '', '__proto__']) {
      expect(tokens.find(other)).toBeUndefined();
    }
  });

  test('forgets a caller in the very second in which the token expires, and for good', () => {
    const tokens = new RememberedTokens();
    tokens.remember('t', user(1, 60));
    vi.setSystemTime(NOW + 59_999);
    expect(tokens.find('t')?.id).toBe(1);
    vi.setSystemTime(NOW + 60_000);
    expect(tokens.find('t')).toBeUndefined();
    vi.setSystemTime(NOW);
    expect(tokens.find('t')).toBeUndefined();
  });

  test('never finds a token that was remembered after its end', () => {
    const tokens = new RememberedTokens();
    tokens.remember('t', user(1, -1));
    expect(tokens.find('t')).toBeUndefined();
  });

  test('makes room by forgetting the longest remembered one alone', () => {
    const tokens = new RememberedTokens();
    for (let id = 0; id < CAPACITY; id += 1) tokens.remember(`t${id}`, user(id));
    expect(tokens.find('t0')?.id).toBe(0);
    tokens.remember('new', user(CAPACITY));
    expect(tokens.find('t0')).toBeUndefined();
    expect([tokens.find('t1')?.id, tokens.find('new')?.id]).toEqual([1, CAPACITY]);
  });
});
