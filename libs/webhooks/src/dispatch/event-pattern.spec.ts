import { describe, expect, test } from 'vitest';
import { isEventPattern, matchesEventType } from './event-pattern.js';

const ENTITIES = ['customer', 'account', 'api_key'];

describe('what endpoints may ask for', () => {
  test.each(['*', 'customer.*', 'account.created', 'api_key.deleted'])('%s', (text) => {
    expect(isEventPattern(text, ENTITIES)).toBe(true);
  });

  test.each(['', 'customer', 'customer.', 'customer.renamed', 'costumer.*', '*.created', 'customer.**', ' *', '*\n'])(
    '%j is refused',
    (text) => {
      expect(isEventPattern(text, ENTITIES)).toBe(false);
    },
  );
});

describe('what they then get', () => {
  test.each([
    [['*'], 'account.updated', true],
    [['customer.*'], 'customer.deleted', true],
    [['customer.*'], 'account.deleted', false],
    [['customer.created', 'account.*'], 'account.updated', true],
    [['customer.created'], 'customer.updated', false],
    [['customer.created'], 'customer.created', true],
    [[], 'customer.created', false],
  ])('%j: %s is %s', (patterns, type, isWanted) => {
    expect(matchesEventType(patterns, type)).toBe(isWanted);
  });
});
