import { runInContext } from '@app/logging';
import { beforeEach, describe, expect, test } from 'vitest';
import { formatToken, type WalPosition } from '../positions/consistency-token.js';
import { demandOfReads, RequestReads, requestReads, type ServedRead } from './request-reads.js';

const at = (lsn: bigint, timeline = 1): WalPosition => ({ systemId: '7400000000000000001', timeline, lsn });
const SERVED: ServedRead = { target: 'follower', reason: 'ok', asOf: 5, answeredAt: 7, waitMs: 1, databaseMs: 2 };

let reads: RequestReads;
beforeEach(() => {
  reads = new RequestReads();
});

describe('the token of an answer', () => {
  test('is none where nothing was sent, read or written', () => {
    expect(reads.answerToken).toBeUndefined();
    reads.noteSeen(undefined);
    reads.noteWritten(undefined);
    expect(reads.answerToken).toBeUndefined();
  });

  test.each([
    ['what was sent, when the answer is from before it', 9n, 5n, 9n],
    ['what was seen, when the answer goes beyond', 5n, 9n, 9n],
    ['either, when they are the same', 5n, 5n, 5n],
  ])('is %s', (_case, sent, seen, answered) => {
    reads.token = at(sent);
    reads.noteSeen(at(seen));
    expect(reads.answerToken).toBe(formatToken(at(answered)));
  });

  test('is the client’s own where no read told a position', () => {
    reads.token = at(9n);
    reads.noteSeen(undefined);
    expect(reads.answerToken).toBe(formatToken(at(9n)));
  });

  test('is the furthest of several reads and writes, in whatever order they end', () => {
    reads.noteSeen(at(4n));
    reads.noteWritten(at(8n));
    reads.noteSeen(at(6n));
    expect(reads.answerToken).toBe(formatToken(at(8n)));
  });

  test('is of the history that was seen last, not of the one with the greater number', () => {
    reads.token = at(100n);
    reads.noteSeen(at(7n, 2));
    expect(reads.answerToken).toBe(formatToken(at(7n, 2)));
    reads.noteWritten(at(3n, 3));
    expect(reads.answerToken).toBe(formatToken(at(3n, 3)));
  });

  test('is fresh after a reset', () => {
    reads.token = undefined;
    reads.isReset = true;
    reads.noteSeen(at(7n, 2));
    expect(reads.answerToken).toBe(formatToken(at(7n, 2)));
  });
});

describe('what reads must hold', () => {
  test('is what the client has seen and what its request has written, but not what it has merely read', () => {
    expect(reads.mustHold).toBeUndefined();
    reads.noteSeen(at(9n));
    expect(reads.mustHold).toBeUndefined();
    reads.token = at(5n);
    expect(reads.mustHold).toEqual(at(5n));
    reads.noteWritten(at(7n));
    expect(reads.mustHold).toEqual(at(7n));
    reads.token = at(8n);
    expect(reads.mustHold).toEqual(at(8n));
  });

  test.each<[string, () => void]>([
    ['a token', () => (reads.token = at(1n))],
    ['a token that was reset', () => (reads.isReset = true)],
    ['a preference', () => (reads.demand = { preference: 'follower-preferred' })],
    ['a write of its own', () => reads.noteWritten(at(1n))],
  ])('is said by the request itself where there is %s', (_case, happens) => {
    expect(reads.isExplicit).toBe(false);
    happens();
    expect(reads.isExplicit).toBe(true);
  });
});

describe('how the reads of a request were served', () => {
  test('is told of one as it was', () => {
    reads.noteServed(SERVED);
    expect(reads.served).toEqual(SERVED);
  });

  test('is told of several by the last, the earliest moment and the sums of the times', () => {
    reads.noteServed({ ...SERVED, asOf: 90, answeredAt: 95, waitMs: 10, databaseMs: 20, degraded: 'primary-down' });
    reads.noteServed({ target: 'primary', reason: 'stale', answeredAt: 120, waitMs: 1, databaseMs: 2 });
    expect(reads.served).toEqual({
      target: 'primary',
      reason: 'stale',
      asOf: 90,
      answeredAt: 120,
      waitMs: 11,
      databaseMs: 22,
      degraded: 'primary-down',
    });
  });

  test('claims no staleness where any of them has none, whichever comes first', () => {
    for (const bounds of [
      [null, 5, undefined],
      [5, null, undefined],
      [5, undefined, null],
    ]) {
      const each = new RequestReads();
      for (const asOf of bounds) each.noteServed({ ...SERVED, asOf });
      expect(each.stalenessMs).toBeUndefined();
    }
  });
});

describe('the age of what a request answers', () => {
  test('is that of the oldest read when the last was answered, and none where the primary alone was asked', () => {
    reads.noteServed({ ...SERVED, asOf: 1_000, answeredAt: 1_100 });
    expect(reads.stalenessMs).toBe(100);
    reads.noteServed({ ...SERVED, asOf: 1_050, answeredAt: 1_120 });
    expect(reads.stalenessMs).toBe(120);
    reads.noteServed({ target: 'primary', reason: 'retry', answeredAt: 1_250, waitMs: 0, databaseMs: 1_000 });
    expect(reads.stalenessMs).toBe(250);
    const ofPrimary = new RequestReads();
    ofPrimary.noteServed({ target: 'primary', reason: 'preference', answeredAt: 9, waitMs: 0, databaseMs: 1 });
    expect(ofPrimary.stalenessMs).toBe(0);
  });
});

describe('the reads of a request', () => {
  test('are one object for the whole request and another for the next', () => {
    const context = { requestId: 'a' };
    const first = runInContext(context, () => requestReads());
    expect(runInContext(context, () => requestReads())).toBe(first);
    expect(runInContext({ requestId: 'a' }, () => requestReads())).not.toBe(first);
    expect(requestReads()).toBeUndefined();
  });

  test('take over what the client sends', () => {
    runInContext({ requestId: 'a' }, () => {
      demandOfReads(formatToken(at(5n)), 'follower-only; wait=7');
      expect(requestReads()).toMatchObject({ token: at(5n), demand: { preference: 'follower-only', waitMs: 7 } });
    });
  });

  test.each([
    ['v1.x', undefined, 'invalid_consistency_token'],
    [undefined, 'nearest', 'invalid_read_preference'],
  ])('refuse a token %s and a preference %s', (token, preference, code) => {
    runInContext({ requestId: 'a' }, () => {
      expect(() => demandOfReads(token, preference)).toThrow(expect.objectContaining({ code }));
    });
  });

  test('are nothing to a background loop, which demands nothing', () => {
    expect(() => demandOfReads('v1.x', 'nearest')).not.toThrow();
  });
});
