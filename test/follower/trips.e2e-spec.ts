import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultRow } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { countSockets } from '../faults/sockets.js';
import { SILENCE } from '../faults/swappable-address.js';
import { eventually } from '../support/eventually.js';
import { readMetrics } from './metrics.js';
import { openConnections } from './pool-sockets.js';
import { failuresOf, Readers, routesBut } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

/** All of them lead to the one follower: the more there are, the more trips in a given time. */
const ADDRESSES = 4;
const READERS = 8;
const TRIP_MS = 3_000;
/** Probes that are so quick miss now and then on a busy machine, and begin anew. */
const PATIENCE_MS = 30_000;

let stage: RoutingStage;
beforeAll(async () => {
  // Probes in quick succession, so that hundreds of trips take minutes.
  const environment = { PROBE_INTERVAL_MS: '60', PROBE_TIMEOUT_MS: '200', FOLLOWER_RAMP_MS: '200' };
  stage = await openRoutingStage({ addressesEach: ADDRESSES, environment });
});
afterAll(() => stage?.close());

async function trips(): Promise<number> {
  return (await readMetrics(stage.call)).value('db_follower_transitions_total', { to: 'open' });
}

/** Takes a follower away in one of three ways and gives it back, until there were so many trips in all. */
async function tripUntil(count: number): Promise<void> {
  const ways = ['nothing', SILENCE, SILENCE] as const;
  for (let round = 0; (await trips()) < count; round += 1) {
    const before = await trips();
    const open = round % 3 === 2 ? 'hang' : 'reset';
    await Promise.all(stage.addresses.map((address) => address.swap(ways[round % 3] ?? 'nothing', open)));
    await eventually(async () => expect(await trips()).toBeGreaterThanOrEqual(before + ADDRESSES), PATIENCE_MS);
    await Promise.all(stage.addresses.map((address) => address.swap({ url: stage.follower.url })));
    await eventually(async () => {
      const healthy = (await readMetrics(stage.call)).value('db_follower_state', { state: 'healthy' });
      expect(healthy).toBe(ADDRESSES);
    }, PATIENCE_MS);
  }
}

it('a follower that is given up leaves no socket behind', {
  timeout: timeLimit((size.trips / ADDRESSES) * TRIP_MS),
}, async (context) => {
  const row = new FaultRow(context, `${size.trips} trips`);
  const before = countSockets(stage.api.pid);
  const readers = new Readers(stage.call, READERS);
  await tripUntil(size.trips);
  const reads = await readers.stop();
  await sleep(1_000);
  const { open, known } = await openConnections(stage.api, stage.addresses);

  row.atLeast('trips', await trips(), size.trips);
  row.none('failed reads', failuresOf(reads));
  row.atMost('leaked connections to the follower', Math.max(0, open - known), 0);
  row.note('connections to the follower', open);
  row.note('sockets of the process before', before);
  row.note('sockets of the process after', countSockets(stage.api.pid));
  expect(routesBut(reads, ['follower ok', 'primary follower-open', 'primary follower-ramp', 'primary retry'])).toEqual(
    [],
  );
});
