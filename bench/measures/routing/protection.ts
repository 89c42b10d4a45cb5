import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { RateResult } from '../../load/load-plan.js';
import { runAtRate } from '../../load/run-load.js';
import type { BenchOptions } from '../../options.js';
import type { BenchStack } from '../../stack/bench-stack.js';
import { registerAndSignIn, signIn } from '../../targets.js';

/** Milliseconds that writes took. */
export interface WriteTimes {
  p50: number;
  p99: number;
  /** Answers other than 201, by what they were. Any makes the times worthless. */
  failures: Record<string, number>;
}

export interface ProtectionRound {
  /** Follower down, no reads. */
  alone: WriteTimes;
  /** The reads go to the follower. */
  withFollower: WriteTimes;
  /** Follower down: the reads fall back to the primary. */
  fallback: WriteTimes;
  /** The most sessions of the fallback that the primary had at a time. */
  sessions: number;
  /** Reads of the fallback asked for, and what became of them. */
  reads: number;
  outcomes: Record<string, number>;
}

const READS_PER_SECOND = 500;
const WRITES_PER_SECOND = 50;
/** More than can wait in the fallback's queue, so that every read is sent when it is due. */
const READ_CONNECTIONS = 256;
const WRITE_CONNECTIONS = 16;
const LIMIT_MS = 60_000;

/** Follower down and analytics reads at a rate that the primary can't answer: what writes through the same API feel of it. */
export async function measureProtection(
  stack: BenchStack,
  { protectionRounds, protectionSeconds }: BenchOptions,
  say: (line: string) => void,
): Promise<ProtectionRound[]> {
  const api = await stack.startApi();
  const [reader, writer] = [await signIn(api.url, stack.admin), await registerAndSignIn(api.url, 'protected')];
  const asked = { url: api.url, warmUpSeconds: Math.min(1, protectionSeconds / 4), seconds: protectionSeconds };
  const write = async (): Promise<WriteTimes> => {
    const { p50, p99, outcomes } = await runAtRate({
      ...asked,
      method: 'POST',
      paths: ['/api/customers'],
      bodies: [JSON.stringify({ name: 'Customer {n}', email: `{n}.${Date.now()}@example.com` })],
      token: writer,
      connections: WRITE_CONNECTIONS,
      perSecond: WRITES_PER_SECOND,
    });
    const { 201: _written, ...failures } = outcomes;
    return { p50, p99, failures };
  };
  const read = (): Promise<RateResult> =>
    runAtRate({
      ...asked,
      method: 'GET',
      paths: ['/api/analytics'],
      token: reader,
      connections: READ_CONNECTIONS,
      perSecond: READS_PER_SECOND,
    });
  const rounds: ProtectionRound[] = [];
  for (let round = 1; round <= protectionRounds; round++) {
    say(`Protection of the primary, round ${round} of ${protectionRounds}`);
    await stack.follower.start();
    await untilHealth(api.url, 'connected');
    const [withFollower] = await Promise.all([write(), read()]);
    await stack.follower.stop('immediate');
    await untilHealth(api.url, 'disconnected');
    const alone = await write();
    const sessions = watchSessions(stack.primaryUrl);
    const [fallback, { requests: reads, outcomes }] = await Promise.all([write(), read()]);
    rounds.push({ alone, withFollower, fallback, sessions: await sessions.stop(), reads, outcomes });
  }
  await stack.follower.start();
  await api.stop();
  return rounds;
}

async function untilHealth(url: string, state: string): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${url}/health`);
    if (((await answer.json()) as { analytics_db: string }).analytics_db === state) break;
    if (performance.now() > limit) throw new Error(`The follower did not become ${state}`);
    await sleep(50);
  }
  // Over the time in which a returning follower gets a part of the reads.
  await sleep(2_000);
}

/** Counts the fallback's sessions twenty times a second until told to stop; resolves then with the most. */
function watchSessions(url: string): { stop(): Promise<number> } {
  let [most, isStopped] = [0, false];
  const run = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    while (!isStopped) {
      const text = "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'tandem-fallback'";
      const { rows } = await client.query<{ sessions: number }>({ name: 'sessions', text });
      most = Math.max(most, rows[0]?.sessions ?? 0);
      await sleep(50);
    }
    await client.end();
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return most;
    },
  };
}
