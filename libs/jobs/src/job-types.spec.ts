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

  test('a delivery is told an organization and a webhook', () => {
    const payload = { organization_id: 1, webhook_id: '0c5fbd8e-6d2f-4ad4-9b5b-2f6a3d1f7c11' };

    expect(JOB_TYPES['deliver-webhook'].parsePayload({ ...payload, secret: 'x' })).toEqual(payload);
    for (const wrong of [{ webhook_id: 5 }, { webhook_id: 'x' }, { organization_id: '1' }]) {
      expect(() => JOB_TYPES['deliver-webhook'].parsePayload({ ...payload, ...wrong })).toThrow('payload');
    }
  });

  test('a bulk update is told a status and either ids or a filter', () => {
    const { parsePayload } = JOB_TYPES['bulk-update-accounts'];
    const payload = { organization_id: 1, status: 'active' };
    expect(parsePayload({ ...payload, account_ids: [1, 2], x: 1 })).toEqual({ ...payload, account_ids: [1, 2] });
    expect(parsePayload({ ...payload, filter: { q: 'x' } })).toEqual({ ...payload, filter: { q: 'x' } });
    for (const wrong of [{}, { account_ids: ['1'] }, { account_ids: 1 }, { filter: null }, { filter: {}, status: 1 }]) {
      expect(() => parsePayload({ ...payload, ...wrong })).toThrow('payload');
    }
  });

  test('names of object properties are no job types', () => {
    expect(isJobType('aggregate')).toBe(true);
    expect(isJobType('constructor')).toBe(false);
    expect(isJobType('__proto__')).toBe(false);
  });
});
