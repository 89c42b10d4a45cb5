import type { LoadPlan, LoadResult } from '../load/load-plan.js';
import { runLoad } from '../load/run-load.js';
import type { Target } from '../targets.js';

/** One server under one load once. */
export type Round = LoadResult & {
  /** What an answer cost the server's own process, in microseconds of a core; undefined where the system does not tell. */
  cpuMicros: number | undefined;
};

/** By the name of the target, all in the same order. */
export type Rounds = Map<string, Round[]>;

export interface RoundFigures {
  target: string;
  /** Medians of the rounds. */
  requestsPerSecond: number;
  p50: number;
  p99: number;
  cpuMicros: number | undefined;
  failures: Record<string, number>;
  rounds: Round[];
}

/** Runs all targets one after the other, and that so many times. */
export async function alternate(
  targets: Target[],
  count: number,
  planOf: (target: Target, round: number) => LoadPlan,
): Promise<Rounds> {
  const rounds: Rounds = new Map(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < count; round++) {
    for (const target of rotate(targets, round)) {
      rounds.get(target.name)?.push(await runRound(target, planOf(target, round)));
    }
  }
  return rounds;
}

export function figuresOf(all: Rounds, target: string): RoundFigures {
  const rounds = all.get(target) ?? [];
  const failures: Record<string, number> = {};
  for (const round of rounds) {
    for (const [cause, count] of Object.entries(round.failures)) failures[cause] = (failures[cause] ?? 0) + count;
  }
  return {
    target,
    requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
    p50: median(rounds.map((round) => round.p50)),
    p99: median(rounds.map((round) => round.p99)),
    cpuMicros: rounds[0]?.cpuMicros === undefined ? undefined : median(rounds.map(({ cpuMicros }) => cpuMicros ?? 0)),
    failures,
    rounds,
  };
}

/** Median of the rounds' own ratios, so that a machine that is slower for a while is so for both; undefined of itself. */
export function ratioTo(
  reference: string,
  all: Rounds,
  target: string,
  of: (round: Round) => number | undefined,
): number | undefined {
  const base = target === reference ? [] : (all.get(reference) ?? []);
  const ratios = (all.get(target) ?? []).flatMap((round, index) => {
    const [value, to] = [of(round), base[index] && of(base[index])];
    return value !== undefined && to ? [value / to] : [];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** So many of the ids, spread evenly over all of them. */
export function sample(ids: number[], count: number): number[] {
  const step = Math.max(1, Math.floor(ids.length / count));
  return ids.filter((_id, index) => index % step === 0);
}

async function runRound({ server }: Target, plan: LoadPlan): Promise<Round> {
  const before = server?.cpuSeconds;
  const result = await runLoad(plan);
  const after = server?.cpuSeconds;
  const isKnown = before !== undefined && after !== undefined;
  return { ...result, cpuMicros: isKnown ? ((after - before) * 1e6) / result.answers : undefined };
}

/** Another one begins each round: whoever comes after a garbage collection of the database would always be the same. */
function rotate<T>(items: T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
