import { describe, expect, test } from 'vitest';
import { isJobType, JOB_TYPES } from './job-types.js';

describe('payloads when they are consumed', () => {
  test('an aggregate is told an organization and a day, and nothing else gets through', () => {
    const payload = JOB_TYPES.aggregate.parsePayload({ organization_id: 1, date: '2026-11-21', extra: 'x' });

    expect(payload).toEqual({ organization_id: 1, date: '2026-11-21' });
  });

  test.each([
    [null],
    ['text'],
    [{}],
    [{ organization_id: '1', date: '2026-11-21' }],
    [{ organization_id: 1, date: 5 }],
  ])('%j is refused', (payload) => {
    expect(() => JOB_TYPES.aggregate.parsePayload(payload)).toThrow('payload');
  });

  test('names of object properties are no job types', () => {
    expect(isJobType('aggregate')).toBe(true);
    expect(isJobType('constructor')).toBe(false);
    expect(isJobType('__proto__')).toBe(false);
  });
});
