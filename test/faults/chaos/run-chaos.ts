import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { RoutingStage } from '../../follower/routing-stage.js';
import { eventually } from '../../support/eventually.js';
import { Heartbeat } from '../heartbeat.js';
import { type ChaosScene, chaosReader, chaosWriter } from './chaos-clients.js';
import { type ChaosFault, chaosFaults, type Target } from './chaos-faults.js';
import { ChaosRecord } from './chaos-record.js';
import { SeededRandom } from './seeded-random.js';

const READERS = 8;
const WRITERS = 4;
const LOOK_EVERY_MS = 100;

export interface ChaosOptions {
  seed: number;
  durationMs: number;
  impostorUrl: string;
}

/**
 * Mixed load on all processes of the API while its followers suffer, each on its own, one fault after the other in an
 * order that the seed decides; resolves once everything is well again. Everything is seen from outside: HTTP, and a
 * heartbeat that knows the truth.
 */
export async function runChaos(stage: RoutingStage, { seed, durationMs, impostorUrl }: ChaosOptions) {
  const record = new ChaosRecord();
  const heartbeat = await Heartbeat.start(stage.cluster.primary.url, stage.admin.organizationId);
  await stage.untilCaughtUp();
  const until = performance.now() + durationMs;
  const load: ChaosScene = { stage, heartbeat, record, isOver: () => isOver };
  let isOver = false;
  const clients = [
    ...Array.from({ length: READERS }, (_, index) => chaosReader(load, new SeededRandom(seed * 1_000 + index))),
    ...Array.from({ length: WRITERS }, (_, index) =>
      chaosWriter(load, new SeededRandom(seed * 1_000 + 500 + index), index % 2 === 0),
    ),
  ];
  const sessions = mostFallbackSessions(stage, () => isOver);
  try {
    // A while of calm first: what follows is compared with it.
    await sleep(Math.min(5_000, durationMs / 6));
    const faults = chaosFaults(impostorUrl);
    const targets = stage.followers.map((follower, index) => ({ follower, address: stage.addresses[index] }) as Target);
    await Promise.all(
      targets.map((target, index) => torment(target, faults, new SeededRandom(seed + 77 * index), until, record)),
    );
    await untilAllIsWell(stage);
    await sleep(1_000);
  } finally {
    isOver = true;
    await Promise.allSettled(clients);
    await heartbeat.stop();
  }
  await Promise.all(clients);
  return { record, fallbackSessions: await sessions, beats: heartbeat.count };
}

/** One fault after the other, every kind before any comes again, with a pause that is too short to calm down now and then. */
async function torment(
  target: Target,
  faults: ChaosFault[],
  random: SeededRandom,
  until: number,
  record: ChaosRecord,
): Promise<void> {
  let left: ChaosFault[] = [];
  while (performance.now() < until) {
    if (left.length === 0) left = random.shuffle(faults);
    const fault = left.pop() as ChaosFault;
    const { name } = target.follower;
    record.present.set(name, fault.name);
    try {
      const end = await fault.inflict(target, random);
      await sleep(random.between(300, 3_000));
      await end();
      record.faults.set(fault.name, (record.faults.get(fault.name) ?? 0) + 1);
    } catch (error) {
      // A server that is still starting can't be asked for what the fault needs.
      record.faults.set('not possible just then', (record.faults.get('not possible just then') ?? 0) + 1);
      if (!target.follower.isRunning()) await target.follower.start();
      if (!/57P03|ECONN|receives nothing|starting up|timeout/i.test(String(error))) throw error;
    }
    record.present.delete(name);
    await sleep(random.between(100, 2_500));
  }
}

async function untilAllIsWell(stage: RoutingStage): Promise<void> {
  await stage.untilCaughtUp();
  for (const api of stage.apis) {
    await eventually(async () => {
      const { text } = await api.call('GET', '/metrics');
      const healthy = text.match(/^db_follower_state\{[^}]*state="healthy"[^}]*\} 1$/gm) ?? [];
      if (healthy.length < stage.followers.length) throw new Error(`Only ${healthy.length} followers are healthy`);
    }, 20_000);
  }
}

/** The most sessions of the fallback that the primary saw at a time for one process of the API. */
async function mostFallbackSessions(stage: RoutingStage, isOver: () => boolean): Promise<number> {
  const client = new pg.Client({ connectionString: stage.cluster.primary.url });
  await client.connect();
  let most = 0;
  while (!isOver()) {
    const { rows } = await client.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'tandem-fallback'");
    most = Math.max(most, rows.length / stage.apis.length);
    await sleep(LOOK_EVERY_MS);
  }
  await client.end();
  return most;
}
