import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FaultRow, largest } from '../faults/fault-row.js';
import { GARBAGE } from '../faults/garbage.js';
import { type Impostor, startImpostor } from '../faults/impostor.js';
import { size } from '../faults/sizes.js';
import { type Behind, SILENCE, type SwappableAddress } from '../faults/swappable-address.js';
import { eventually } from '../support/eventually.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesBut, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const READERS = 12;

let stage: RoutingStage;
let impostor: Impostor;
let readers: Readers;
beforeAll(async () => {
  stage = await openRoutingStage({ addressesEach: 1 });
  impostor = await startImpostor(stage);
});
afterAll(async () => {
  await stage?.close();
  await impostor?.remove();
});
beforeEach(async () => {
  await eventually(async () => {
    const { value } = await readMetrics(stage.call);
    expect(value('db_follower_state', { state: 'healthy' })).toBe(1);
  });
});

const address = (): SwappableAddress => stage.addresses[0] as SwappableAddress;

const kinds: [string, () => Behind, ('reset' | 'hang')?][] = [
  ['that refuses connections', () => 'nothing'],
  ['that accepts and never answers', () => SILENCE],
  ['that accepts and never answers, the open connections hanging', () => SILENCE, 'hang'],
  ...GARBAGE.map(([kind, speak]): [string, () => Behind] => [kind, () => speak]),
  ['that is another database', () => ({ url: impostor.url })],
  ['that is the primary', () => ({ url: stage.cluster.primary.url })],
];

describe('the address of a follower in use is taken by a server', () => {
  it.for(kinds)(
    '%s: no read fails or is answered by it, and the follower is used again',
    async ([kind, make, open], context) => {
      const row = new FaultRow(context, `the address swapped for one ${kind}`);
      readers = new Readers(stage.call, READERS);
      await readers.until(READERS * 4);
      await address().swap(make(), open);
      await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: 'disconnected' }));
      const swapped = performance.now();
      await sleep(500);
      expect(routesBut(readers.since(swapped), ['primary follower-open', 'primary follower-role-changed'])).toEqual([]);
      await address().swap({ url: stage.follower.url });
      await eventually(() => expect(routesOf(readers.reads.slice(-READERS))).toEqual(['follower ok']));
      const reads = await readers.stop();
      row.none('failed reads', failuresOf(reads));
      // One text for each of the two paths that are read.
      row.none('answered by it', [...new Set(reads.map(({ text }) => text))].sort().slice(2));
      row.atMost('slowest read', largest(reads.map(({ ms }) => ms)), 2_000 * size.patience, 'ms');
      expect((await stage.call('GET', '/health/live')).status).toBe(200);
    },
  );
});
