import type { Socket } from 'node:net';
import { createLogger } from '@app/logging';
import pg, { type PoolClient } from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { FollowerPool } from '../servers/follower-pool.js';
import { FOLLOWER_POSITION } from '../servers/position.sql.js';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { ServerPool, type ServerPoolOptions } from '../servers/server-pool.js';
import { ServerProbe, type ServerSighting } from '../servers/server-probe.js';
import { ServerWatch, type Verdict } from '../servers/server-watch.js';
import { FollowerSupervisor, type FollowerTransition } from './follower-supervisor.js';

const SYSTEM = '7400000000000000001';
const SIGHTING: ServerSighting = {
  systemId: SYSTEM,
  timeline: 1,
  isInRecovery: true,
  lsn: 0x3000148n,
  segmentSize: 16_777_216,
  askedAt: 1,
};
const SEEN = seen();
const PROMOTED = seen({ isInRecovery: false, timeline: 2 });
const REFUSED: Verdict = { kind: 'missed', cause: 'refused', detail: 'ECONNREFUSED', seconds: 0 };
const LATE: Verdict = { kind: 'missed', cause: 'no-answer', detail: 'The server did not answer in time', seconds: 0.4 };

function seen(differences: Partial<ServerSighting> = {}): Verdict {
  return { kind: 'seen', sighting: { ...SIGHTING, ...differences }, seconds: 0 };
}

/** A watch that is never started and keeps what it was told. */
class UnstartedWatch extends ServerWatch {
  readonly pauseFactors: number[] = [];
  hurries = 0;

  constructor() {
    super(new ServerProbe({}, 100), { intervalMs: 250, blockedLimitMs: 200 }, () => undefined);
  }

  override slowDown(factor: number): void {
    this.pauseFactors.push(factor);
  }

  override hurry(): void {
    this.hurries += 1;
  }
}

const OPTIONS: ServerPoolOptions = {
  position: FOLLOWER_POSITION,
  checkouts: { waited: () => undefined, timedOut: () => undefined },
  max: 7,
};

/** The socket of a connection that the pool believes to have. */
function socketIn({ pool }: ServerPool): Socket {
  // The pool learns of its connections by this event; the client is never connected.
  const client = new pg.Client({});
  pool.emit('connect', client as unknown as PoolClient);
  const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  socket.on('error', () => undefined);
  return socket;
}

function supervised(isPrimarySeen = true) {
  const log = new PrimaryLog();
  if (isPrimarySeen) log.noteSighting({ ...SIGHTING, isInRecovery: false, lsn: 0x3000148n });
  const streams = new ServerPool('follower-1-streams', OPTIONS);
  const pool = new FollowerPool('follower-1', 'postgres://follower/x', streams, OPTIONS);
  const sockets = [socketIn(pool), socketIn(streams)];
  const transitions: FollowerTransition[] = [];
  const supervisor = new FollowerSupervisor(
    pool,
    log,
    { goodProbesToReturn: 3, rampMs: 1_000, probeIntervalMs: 250, backoffMaxMs: 1_000 },
    (transition) => void transitions.push(transition),
    createLogger({ level: 'silent', name: 'test' }),
  );
  const watch = new UnstartedWatch();
  supervisor.watch = watch;
  const take = (...verdicts: Verdict[]) => {
    for (const verdict of verdicts) supervisor.take(verdict);
  };
  const path = () => transitions.map(({ from, to, cause }) => `${from} → ${to}: ${cause}`);
  return { supervisor, sockets, transitions, path, watch, take, log, pool };
}

describe('FollowerSupervisor', () => {
  test('serves nothing before it has seen its follower', () => {
    const { supervisor, take, transitions } = supervised();
    expect(supervisor.isServing).toBe(false);
    take(LATE, REFUSED);
    expect(supervisor).toMatchObject({ isServing: false, state: 'connecting' });
    expect(supervisor.takes(0)).toBe(false);
    expect(transitions).toEqual([]);
  });

  test('tells each change once, with what made it', () => {
    const { take, path, transitions } = supervised();
    take(SEEN, SEEN, LATE, LATE, LATE, SEEN, SEEN, SEEN, SEEN);
    expect(path()).toEqual([
      'connecting → healthy: seen',
      'healthy → suspect: no-answer',
      'suspect → open: no-answer',
      'open → ramp: recovered',
    ]);
    expect(transitions.every(({ follower }) => follower === 'follower-1')).toBe(true);
  });

  test('is ramped up when it has answered for a second since it came back', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { supervisor, take, path } = supervised();
      take(SEEN, REFUSED, SEEN, SEEN, SEEN);
      expect([supervisor.takes(0.24), supervisor.takes(0.26)]).toEqual([true, false]);
      vi.advanceTimersByTime(500);
      expect([supervisor.takes(0.49), supervisor.takes(0.51)]).toEqual([true, false]);
      vi.advanceTimersByTime(500);
      take(SEEN);
      expect([supervisor.state, supervisor.takes(0.999)]).toEqual(['healthy', true]);
      expect(path().at(-1)).toBe('ramp → healthy: ramped-up');
    } finally {
      vi.useRealTimers();
    }
  });

  test('keeps the sockets of a follower that missed one probe and destroys them when it gives up', () => {
    const { supervisor, sockets, take } = supervised();
    take(SEEN, LATE);
    expect(supervisor.state).toBe('suspect');
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    take(LATE);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  test('opens no new sockets while it is suspect, and does so again before and after', () => {
    const { supervisor, take } = supervised();
    const limits = () => [supervisor.pool, supervisor.pool.streams].map(({ pool }) => pool.options.max);
    take(SEEN);
    expect(limits()).toEqual([7, 7]);
    take(LATE);
    expect(limits()).toEqual([0, 0]);
    take(SEEN);
    expect(limits()).toEqual([7, 7]);
    take(LATE, LATE);
    expect(limits()).toEqual([7, 7]);
  });

  test.each([
    ['refuses connections', REFUSED, 'open', 'refused'],
    ['was promoted', PROMOTED, 'role-changed', 'not-in-recovery'],
    ['belongs to another system', seen({ systemId: '7' }), 'role-changed', 'other-system'],
    ['follows another history', seen({ timeline: 2 }), 'role-changed', 'other-timeline'],
  ])('destroys the sockets of one that %s at once', (_case, verdict, state, cause) => {
    const { supervisor, sockets, take, path } = supervised();
    take(SEEN, verdict);
    expect(supervisor).toMatchObject({ state, isServing: false });
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(path().at(-1)).toBe(`healthy → ${state}: ${cause}`);
  });

  test('a stranger is never read, however often it answers', () => {
    const { supervisor, take } = supervised();
    take(...Array<Verdict>(10).fill(seen({ systemId: '7' })));
    expect(supervisor).toMatchObject({ state: 'role-changed', isServing: false });
    expect(supervisor.lsn).toBeUndefined();
  });

  test('is not read before the primary was seen, as nobody can say whose follower it is', () => {
    const { supervisor, take, log } = supervised(false);
    take(SEEN, SEEN, SEEN);
    expect(supervisor.state).toBe('connecting');
    log.noteSighting({ ...SIGHTING, isInRecovery: false });
    take(SEEN);
    expect(supervisor.state).toBe('healthy');
  });

  test('waits longer between looks at one that stays away, up to four intervals, and less once it answers', () => {
    const { watch, take } = supervised();
    take(SEEN, ...Array<Verdict>(8).fill(REFUSED));
    expect(watch.pauseFactors).toEqual([1.4, 1, 1, 2, 4, 4, 4, 4, 4]);
    take(SEEN, SEEN, SEEN);
    expect(watch.pauseFactors.slice(-3)).toEqual([1, 1, 1.4]);
  });

  test('looks again sooner after a miss, so that one that hangs is soon known', () => {
    const { watch, take } = supervised();
    take(SEEN, LATE);
    expect(watch.pauseFactors).toEqual([1.4, 0.4]);
  });

  test('looks at once when a read failed there, and takes no state away for it', () => {
    const { supervisor, watch, take } = supervised();
    take(SEEN);
    supervisor.suspectFailure();
    expect(watch.hurries).toBe(1);
    expect(supervisor.isServing).toBe(true);
  });

  test('looks no more than once an interval for all the reads that fail there', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { supervisor, watch, take } = supervised();
      take(SEEN);
      for (let ms = 0; ms < 1_000; ms += 1) {
        supervisor.suspectFailure();
        vi.advanceTimersByTime(1);
      }
      expect(watch.hurries).toBe(4);
    } finally {
      vi.useRealTimers();
    }
  });

  test('knows where it is and until when it holds everything, each time from its own last answer', () => {
    const { supervisor, take, log } = supervised();
    take(SEEN);
    expect(supervisor).toMatchObject({ lsn: 0x3000148n, containsUntil: 1 });
    log.noteSighting({ ...SIGHTING, isInRecovery: false, lsn: 0x4000148n, askedAt: 50 });
    supervisor.renewBound();
    expect(supervisor.containsUntil).toBe(1);
    take(seen({ lsn: 0x4000148n }));
    expect(supervisor).toMatchObject({ lsn: 0x4000148n, containsUntil: 50 });
    take(seen({ lsn: undefined }));
    expect(supervisor).toMatchObject({ lsn: undefined, containsUntil: undefined });
  });
});

describe('a follower that is behind itself', () => {
  test('is noticed each time, and its pool opens to nothing older than what was seen last', () => {
    const { supervisor, take } = supervised();
    const known: unknown[] = [];
    for (const lsn of [100n, 100n, 90n, 200n, undefined, 50n]) {
      take(seen({ lsn }));
      known.push([supervisor.setbacks, supervisor.pool.replayed]);
    }
    expect(known).toEqual([
      [0, 100n],
      [0, 100n],
      [1, 90n],
      [1, 200n],
      [2, undefined],
      [2, 50n],
    ]);
  });

  test('is noticed behind a ramp, too', () => {
    const { supervisor, take } = supervised();
    take(seen({ lsn: 100n }), LATE, LATE, seen({ lsn: 90n }), seen({ lsn: 91n }), seen({ lsn: 92n }));
    expect(supervisor).toMatchObject({ state: 'ramp', setbacks: 1, lsn: 92n });
  });
});

describe('a drained follower', () => {
  test('takes no reads, keeps its sockets, and is put back by way of the ramp', () => {
    const { supervisor, sockets, take, path } = supervised();
    take(SEEN);
    supervisor.drain(true);
    expect(supervisor).toMatchObject({ state: 'drained', isServing: false });
    expect([supervisor.takes(0), sockets[0]?.destroyed]).toEqual([false, false]);
    supervisor.drain(true);
    take(SEEN, SEEN);
    supervisor.drain(false);
    expect([supervisor.takes(0.2), supervisor.takes(0.9)]).toEqual([true, false]);
    expect(path()).toEqual(['connecting → healthy: seen', 'healthy → drained: drained', 'drained → ramp: undrained']);
  });

  test('is given up underneath when it goes away, and is what it then is when it is put back', () => {
    const { supervisor, sockets, take, path } = supervised();
    take(SEEN);
    supervisor.drain(true);
    take(LATE, LATE);
    expect(sockets[0]?.destroyed).toBe(true);
    expect(supervisor.state).toBe('drained');
    supervisor.drain(false);
    expect(supervisor.state).toBe('open');
    expect(path().slice(1)).toEqual(['healthy → drained: drained', 'drained → open: undrained']);
  });

  test('may be drained before it was ever seen', () => {
    const { supervisor, take } = supervised();
    supervisor.drain(true);
    take(SEEN, SEEN);
    expect(supervisor.state).toBe('drained');
    supervisor.drain(false);
    expect(supervisor.state).toBe('ramp');
  });
});
