import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultRow } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const BLOCKER = new URL('../faults/block-event-loop.mjs', import.meta.url);
const BLOCKED_MS = 1_000;
/** On a long line a probe is often under way when the process is blocked; signing in takes three times there and back. */
const LINE_MS = 20;

let stage: RoutingStage;
beforeAll(async () => {
  stage = await openRoutingStage({
    addressesEach: 1,
    delayMs: LINE_MS,
    environment: { NODE_OPTIONS: `--import=${BLOCKER.href}` },
  });
});
afterAll(() => stage?.close());

it('a process that is blocked itself blames no follower', {
  timeout: timeLimit(size.blocks * 2 * BLOCKED_MS),
}, async (context) => {
  const row = new FaultRow(context, `event loop blocked for ${BLOCKED_MS / 1_000} s, ${size.blocks} times`);
  const readers = new Readers(stage.call, 4);
  await sleep(500);
  const before = await readMetrics(stage.call);
  let longest = 0;
  for (let block = 0; block < size.blocks; block += 1) {
    process.kill(stage.api.pid, 'SIGUSR2');
    const startedAt = performance.now();
    await sleep(20);
    await stage.call('GET', '/health/live');
    longest = Math.max(longest, performance.now() - startedAt);
    // At another moment of the probe's period each time.
    await sleep(400 + ((block * 97) % 250));
  }
  const after = await readMetrics(stage.call);
  const reads = await readers.stop();
  const trips = (to: string) =>
    after.value('db_follower_transitions_total', { to }) - before.value('db_follower_transitions_total', { to });
  row.atMost('trips', trips('open'), 0);
  row.none('failed reads', failuresOf(reads));
  row.note('verdicts thrown away', after.value('db_probe_discarded_total') - before.value('db_probe_discarded_total'));
  // It was really blocked.
  expect(longest).toBeGreaterThan(BLOCKED_MS * 0.9);
});
