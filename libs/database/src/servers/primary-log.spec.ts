import { beforeEach, describe, expect, test } from 'vitest';
import { PrimaryLog } from './primary-log.service.js';
import type { ServerSighting } from './server-probe.js';

const OURS = { systemId: '7400000000000000001', timeline: 1 };
const SEGMENT = 16_777_216;

let log: PrimaryLog;
beforeEach(() => {
  log = new PrimaryLog();
});

const see = (askedAt: number, lsn: bigint | undefined, differences: Partial<ServerSighting> = {}): boolean =>
  log.noteSighting({ ...OURS, isInRecovery: false, segmentSize: SEGMENT, lsn, askedAt, ...differences });

describe("what is known of the primary's log", () => {
  test('is nothing before it was seen, and positions told by then belong to nobody', () => {
    expect([log.identity, log.lsn, log.containedUntil(9n)]).toEqual([undefined, undefined, undefined]);
    expect([log.note('0/3000148'), log.positionOf('0/3000148'), log.lsn]).toEqual([undefined, undefined, undefined]);
  });

  test('is whose log it is and how far it has got', () => {
    see(10, 100n);
    see(20, 300n);
    expect(log).toMatchObject({ identity: OURS, lsn: 300n });
  });

  test('says until when a follower holds everything, by what it has replayed', () => {
    see(10, 100n);
    see(20, 300n);
    see(30, 300n);
    expect([99n, 100n, 299n, 300n, 999n].map((lsn) => log.containedUntil(lsn))).toEqual([undefined, 10, 10, 30, 30]);
    expect(log.containedUntil(undefined)).toBeUndefined();
  });

  test('is told by statements, too, which never set it back', () => {
    see(10, 100n);
    expect(log.note('0/C8')).toEqual({ ...OURS, lsn: 200n });
    expect(log.lsn).toBe(200n);
    expect(log.note('0/64')).toEqual({ ...OURS, lsn: 100n });
    see(20, 150n);
    expect(log.lsn).toBe(200n);
    expect(log.note(null)).toBeUndefined();
  });

  test("is not told by followers' positions, which are compared with it alone", () => {
    see(10, 100n);
    expect(log.positionOf('0/C8')).toEqual({ ...OURS, lsn: 200n });
    expect(log.positionOf(null)).toBeUndefined();
    expect(log.lsn).toBe(100n);
  });

  test('is without the header of a page that holds nothing yet, by the size of its files', () => {
    see(10, 100n, { segmentSize: 1_048_576 });
    expect(log.note('0/100028')?.lsn).toBe(0x100000n);
    expect(log.note('0/102018')?.lsn).toBe(0x102000n);
    expect(log.note('0/102028')?.lsn).toBe(0x102028n);
    see(20, 0x200000n);
    expect(log.note('0/300028')?.lsn).toBe(0x300028n);
  });

  test('is not where it is while the primary is away: a crash may take back what nobody saw', () => {
    see(10, 300n);
    log.primaryLost();
    expect(log.lsn).toBeUndefined();
    expect(log.identity).toEqual(OURS);
    expect(log.containedUntil(300n)).toBe(10);
    see(20, 310n);
    expect(log.lsn).toBe(310n);
  });
});

describe('a position that goes back', () => {
  test('after a crash takes the samples beyond it along', () => {
    see(10, 100n);
    see(20, 300n);
    log.primaryLost();
    see(30, 200n);
    expect(log.lsn).toBe(200n);
    expect([100n, 250n].map((lsn) => log.containedUntil(lsn))).toEqual([undefined, 30]);
  });

  test.each([
    ['timeline', { timeline: 2 }],
    ['system', { systemId: '7400000000000000002' }],
  ])('or not: of another %s nothing that was known holds', (_case, differences) => {
    see(10, 100n);
    log.note('0/FFFF');
    see(20, 400n, differences);
    expect(log).toMatchObject({ identity: { ...OURS, ...differences }, lsn: 400n });
    expect([100n, 400n].map((lsn) => log.containedUntil(lsn))).toEqual([undefined, 20]);
  });
});

describe('a history', () => {
  test('is this one by system and timeline together', () => {
    see(10, 100n);
    expect(log.isOfThisHistory({ ...OURS, lsn: 999n })).toBe(true);
    expect(log.isOfThisHistory({ ...OURS, timeline: 2, lsn: 1n })).toBe(false);
    expect(log.isOfThisHistory({ ...OURS, systemId: '7', lsn: 1n })).toBe(false);
  });

  test('is believed to be this one before the primary was seen: nothing is known against it', () => {
    expect(log.isOfThisHistory({ systemId: '7', timeline: 9, lsn: 1n })).toBe(true);
  });
});
