import { describe, expect, it } from 'vitest';
import { isNewer, tokenAfter } from './consistency-token';

const token = (lsn: string, timeline = 1, system = '7575') => `v1.${system}.${timeline}.${lsn}`;
const answer = (text: string | null, facts = {}) => ({ token: text, isReset: false, sent: null, ...facts });

describe('which token has seen more', () => {
  it('is told by the position as a number, not as a text', () => {
    expect(isNewer(token('0/10000000'), token('0/9000000'))).toBe(true);
    expect(isNewer(token('A/0'), token('9/FFFFFFFF'))).toBe(true);
    expect(isNewer(token('0/ab'), token('0/AB'))).toBe(false);
    expect(isNewer(token('FFFFFFFF/FFFFFFFF'), token('FFFFFFFF/FFFFFFFE'))).toBe(true);
  });

  it('is the one of the later timeline, wherever it stands there', () => {
    expect(isNewer(token('0/1', 2), token('0/FF', 1))).toBe(true);
    expect(isNewer(token('0/FF', 1), token('0/1', 2))).toBe(false);
  });

  it('is not told between two systems', () => {
    expect(isNewer(token('0/FF', 1, '7576'), token('0/1'))).toBe(false);
  });

  it('is one that can be read rather than one that cannot', () => {
    expect(isNewer(token('0/1'), 'garbage')).toBe(true);
    expect(isNewer('garbage', token('0/1'))).toBe(false);
  });
});

describe('the token to send', () => {
  it('is the first that comes', () => {
    expect(tokenAfter(null, answer(token('0/5')))).toBe(token('0/5'));
  });

  it('stays the newest when an older answer arrives late', () => {
    expect(tokenAfter(token('0/9'), answer(token('0/5')))).toBe(token('0/9'));
    expect(tokenAfter(token('0/5'), answer(token('0/9')))).toBe(token('0/9'));
  });

  it('stays when an answer brings none', () => {
    expect(tokenAfter(token('0/9'), answer(null))).toBe(token('0/9'));
  });

  it('is replaced by a reset, even by one that looks older', () => {
    const reset = answer(token('0/1', 1, '7576'), { isReset: true, sent: token('0/9') });
    expect(tokenAfter(token('0/9'), reset)).toBe(token('0/1', 1, '7576'));
    const promoted = answer(token('0/1', 2), { isReset: true, sent: token('0/9') });
    expect(tokenAfter(token('0/9'), promoted)).toBe(token('0/1', 2));
  });

  it('keeps a newer one of the new history when a second reset arrives late', () => {
    const late = answer(token('0/1', 2), { isReset: true, sent: token('0/9') });
    expect(tokenAfter(token('0/7', 2), late)).toBe(token('0/7', 2));
  });

  it('takes the new history’s when the old history’s grew while the reset was on its way', () => {
    const reset = answer(token('0/1', 2), { isReset: true, sent: token('0/9') });
    expect(tokenAfter(token('0/A'), reset)).toBe(token('0/1', 2));
  });

  it('is none after a reset that brings none', () => {
    expect(tokenAfter(token('0/9'), answer(null, { isReset: true, sent: token('0/9') }))).toBeNull();
  });
});
