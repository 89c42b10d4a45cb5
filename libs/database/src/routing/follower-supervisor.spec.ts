import type { Socket } from 'node:net';
import { createLogger } from '@app/logging';
import pg, { type PoolClient } from 'pg';
import { describe, expect, test } from 'vitest';
import { ServerPool } from '../servers/server-pool.js';
import { ServerProbe } from '../servers/server-probe.js';
import { ServerWatch, type Verdict } from '../servers/server-watch.js';
import { FollowerSupervisor, type FollowerTransition } from './follower-supervisor.js';

const SYSTEM = '7400000000000000001';
const SEEN: Verdict = {
  kind: 'seen',
  sighting: { isInRecovery: true, systemIdentifier: SYSTEM, lsn: '0/3000148' },
};
const PROMOTED: Verdict = { kind: 'seen', sighting: { isInRecovery: false, systemIdentifier: SYSTEM, lsn: null } };
const REFUSED: Verdict = { kind: 'missed', isRefused: true, cause: 'ECONNREFUSED' };
const LATE: Verdict = { kind: 'missed', isRefused: false, cause: 'The server did not answer in time' };

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

function supervised(expectedSystem: string | undefined = SYSTEM) {
  const pool = new ServerPool('follower-1', {});
  // The pool learns of its connections by this event; the client is never connected.
  const client = new pg.Client({});
  pool.pool.emit('connect', client as unknown as PoolClient);
  const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  socket.on('error', () => undefined);
  const transitions: FollowerTransition[] = [];
  const supervisor = new FollowerSupervisor(
    pool.name,
    pool,
    () => expectedSystem,
    (transition) => void transitions.push(transition),
    createLogger({ level: 'silent', name: 'test' }),
  );
  const watch = new UnstartedWatch();
  supervisor.watch = watch;
  const take = async (...verdicts: Verdict[]) => {
    for (const verdict of verdicts) await supervisor.take(verdict);
  };
  return { supervisor, socket, transitions, watch, take };
}

describe('FollowerSupervisor', () => {
  test('serves nothing before it has seen its follower', async () => {
    const { supervisor, take, transitions } = supervised();
    expect(supervisor.isServing).toBe(false);
    await take(LATE, REFUSED);
    expect(supervisor).toMatchObject({ isServing: false, state: 'connecting' });
    expect(transitions).toEqual([]);
  });

  test('tells each change once, with what made it', async () => {
    const { take, transitions } = supervised();
    await take(SEEN, SEEN, LATE, LATE, LATE, SEEN, SEEN, SEEN);
    expect(transitions).toEqual([
      { follower: 'follower-1', from: 'connecting', to: 'healthy', cause: 'probe answered' },
      { follower: 'follower-1', from: 'healthy', to: 'suspect', cause: LATE.kind === 'missed' && LATE.cause },
      { follower: 'follower-1', from: 'suspect', to: 'open', cause: LATE.kind === 'missed' && LATE.cause },
      { follower: 'follower-1', from: 'open', to: 'healthy', cause: 'probe answered' },
    ]);
  });

  test('keeps the sockets of a follower that missed one probe and destroys them when it gives up', async () => {
    const { supervisor, socket, take } = supervised();
    await take(SEEN, LATE);
    expect(supervisor.state).toBe('suspect');
    expect(socket.destroyed).toBe(false);
    await take(LATE);
    expect(socket.destroyed).toBe(true);
  });

  test.each([
    ['refuses connections', REFUSED, 'open'],
    ['was promoted', PROMOTED, 'role-changed'],
  ])('destroys the sockets of one that %s at once', async (_case, verdict, state) => {
    const { supervisor, socket, take } = supervised();
    await take(SEEN, verdict);
    expect(supervisor).toMatchObject({ state, isServing: false });
    expect(socket.destroyed).toBe(true);
  });

  test('a follower of another primary is never read', async () => {
    const { supervisor, take } = supervised('7400000000000000002');
    await take(SEEN, SEEN, SEEN, SEEN);
    expect(supervisor).toMatchObject({ state: 'role-changed', isServing: false });
  });

  test('waits longer between looks at one that stays away, up to four intervals, and no longer once it serves', async () => {
    const { watch, take } = supervised();
    await take(SEEN, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED);
    expect(watch.pauseFactors).toEqual([1, 1.5, 2, 2.5, 3, 3.5, 4, 4, 4]);
    await take(SEEN, SEEN, SEEN);
    expect(watch.pauseFactors.slice(-3)).toEqual([1, 1, 1]);
  });

  test('does not slow down while a missed probe may yet be a hiccup', async () => {
    const { watch, take } = supervised();
    await take(SEEN, LATE);
    expect(watch.pauseFactors).toEqual([1, 1]);
  });

  test('looks at once when a read failed there, and takes no state away for it', async () => {
    const { supervisor, watch, take } = supervised();
    await take(SEEN);
    supervisor.suspectFailure();
    expect(watch.hurries).toBe(1);
    expect(supervisor.isServing).toBe(true);
  });
});
