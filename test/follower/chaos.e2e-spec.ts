import { afterAll, beforeAll, expect, it } from 'vitest';
import { runChaos } from '../faults/chaos/run-chaos.js';
import { FaultRow, quantile } from '../faults/fault-row.js';
import { type Impostor, startImpostor } from '../faults/impostor.js';
import { size, timeLimit } from '../faults/sizes.js';
import { openConnections } from './pool-sockets.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const FALLBACK_MAX = 5;

let stage: RoutingStage;
let impostor: Impostor;
beforeAll(async () => {
  stage = await openRoutingStage({ followers: 2, apis: 2, addressesEach: 1, environment: { LOG_LEVEL: 'warn' } });
  impostor = await startImpostor(stage);
});
afterAll(async () => {
  await stage?.close();
  await impostor?.remove();
});

it('two followers that suffer everything at random', { timeout: timeLimit(size.chaosMs) }, async (context) => {
  const row = new FaultRow(context, `chaos for ${Math.round(size.chaosMs / 1_000)} s, seed ${size.chaosSeed}`);
  const { record, fallbackSessions, beats } = await runChaos(stage, {
    seed: size.chaosSeed,
    durationMs: size.chaosMs,
    impostorUrl: impostor.url,
  });
  row.none('failed requests', record.failures);
  row.none('own writes missing', record.missing);
  row.none('answers older than X-Db-Staleness-Ms or than the bound asked', record.tooOld);
  row.none('answers without a bound', record.unknownBounds);
  row.atMost('fallback sessions of a process', fallbackSessions, FALLBACK_MAX);
  for (const api of stage.apis) {
    const { open, known } = await openConnections(api, stage.addresses);
    row.atMost('leaked connections to the followers', Math.max(0, open - known), 0);
  }
  row.note('requests', record.requests);
  row.note('reads of own writes', record.ownReads);
  row.note('answers held against the truth', record.agesKnown);
  row.note('beats', beats);
  row.note('503 follower_unavailable to follower-only', record.refused);
  row.note('slowest request', record.slowestMs, 'ms');
  row.note('write p99, calm', quantile(record.writes.calm, 0.99), 'ms');
  row.note('write p99, under a fault', quantile(record.writes.fallback, 0.99), 'ms');
  for (const [fault, count] of record.faults) row.note(`inflicted: ${fault}`, count);
  for (const [route, count] of [...record.routes].sort()) row.note(`answered: ${route}`, count);
  expect(record.ownReads).toBeGreaterThan(100);
  expect(record.routes.get('follower ok') ?? 0).toBeGreaterThan(100);
});
