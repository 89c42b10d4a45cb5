import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../faults/chaos/seeded-random.js';
import type { KillSize } from './kill-size.js';
import type { Victim } from './victims.js';

const DEAD_MS: [number, number] = [100, 1_500];

/** Kills one after the other, at random, for as long as it is told. Resolves, with all alive, with how often each died. */
export async function killAtRandom(
  victims: Victim[],
  random: SeededRandom,
  size: KillSize,
): Promise<Map<string, number>> {
  const deaths = new Map<string, number>();
  const lots = victims.flatMap((victim) => Array<Victim>(victim.weight).fill(victim));
  // Everybody dies once before chance decides.
  const first = random.shuffle(victims);
  const until = performance.now() + size.durationMs;
  while (performance.now() < until || first.length > 0) {
    await sleep(random.between(...size.pauseMs));
    const victim = first.pop() ?? random.pick(lots);
    await victim.kill();
    deaths.set(victim.name, (deaths.get(victim.name) ?? 0) + 1);
    await sleep(random.between(...DEAD_MS));
    await victim.revive();
  }
  return deaths;
}
