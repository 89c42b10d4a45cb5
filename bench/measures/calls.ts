import type { LoadPlan, LoadResult } from '../load/load-plan.js';
import { runLoad } from '../load/run-load.js';
import { type BenchOptions, isWanted } from '../options.js';
import { customerIds, type Target } from '../targets.js';

/** One call of the API under load. */
interface CallMeasure {
  name: string;
  title: string;
  connections: number;
  /** Whether another server of the fixed contract has it. */
  isFixed: boolean;
  /** Which of the bench's own rivals run it, beside the floor. */
  rivals: ('naive' | 'database')[];
  request(ids: number[], round: number): Pick<LoadPlan, 'method' | 'paths' | 'bodies'>;
}

export interface CallFigures {
  measure: string;
  title: string;
  target: string;
  /** Medians of the rounds. */
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** What an answer cost the server's own process, in microseconds of a core. */
  cpuMicros: number | undefined;
  /** Median of the rounds' own ratios, so that a machine that is slower for a while is so for both. */
  toFloor: number | undefined;
  p50ToFloor: number | undefined;
  failures: Record<string, number>;
  rounds: Round[];
}

type Round = LoadResult & { cpuMicros: number | undefined };

export const FLOOR = 'floor';
export const NAIVE = 'naive';
export const DATABASE = 'database';

const get = (...paths: string[]) => ({ method: 'GET', paths }) as const;
const byId = (ids: number[]) => get(...ids.map((id) => `/api/customers/${id}`));
const MEASURES: CallMeasure[] = [
  {
    name: 'get-32',
    title: 'GET /api/customers/:id',
    connections: 32,
    isFixed: true,
    rivals: ['naive', 'database'],
    request: byId,
  },
  {
    name: 'get-1',
    title: 'GET /api/customers/:id',
    connections: 1,
    isFixed: true,
    rivals: ['database'],
    request: byId,
  },
  {
    name: 'page',
    title: 'GET /api/customers?limit=50',
    connections: 32,
    isFixed: false,
    rivals: [],
    request: () => get('/api/customers?limit=50'),
  },
  {
    name: 'list',
    title: 'GET /api/customers, all',
    connections: 4,
    isFixed: true,
    rivals: ['naive'],
    request: () => get('/api/customers'),
  },
  {
    name: 'analytics',
    title: 'GET /api/analytics',
    connections: 4,
    isFixed: true,
    rivals: ['naive'],
    request: () => get('/api/analytics'),
  },
  {
    name: 'post',
    title: 'POST /api/customers',
    connections: 32,
    isFixed: true,
    rivals: [],
    request: (_ids, round) => ({
      method: 'POST',
      paths: ['/api/customers'],
      bodies: [JSON.stringify({ name: 'Customer {n}', email: `{n}.${round}.${Date.now().toString(36)}@example.com` })],
    }),
  },
];

/** Names of the calls, for `--only`. */
export const CALLS = MEASURES.map(({ name }) => name);

/** Runs every call on every server in alternating rounds; tells each measure's figures as soon as it has them. */
export async function measureCalls(
  targets: Target[],
  options: BenchOptions,
  say: (line: string) => void,
): Promise<CallFigures[]> {
  const ids = new Map<string, number[]>();
  for (const { name, url, readerToken } of targets.filter((target) => target.name !== DATABASE)) {
    ids.set(name, sample(await customerIds(url, readerToken), 1_000));
  }
  ids.set(DATABASE, ids.get(FLOOR) ?? []);
  const all: CallFigures[] = [];
  for (const measure of MEASURES.filter(({ name }) => isWanted(options, 'calls', name))) {
    const running = targets.filter(({ name }) => takesPart(measure, name, options));
    say(`${measure.title} at ${measure.connections} connections: ${running.map(({ name }) => name).join(', ')}`);
    const rounds = new Map<string, Round[]>(running.map(({ name }) => [name, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const target of rotate(running, round)) {
        const request = measure.request(ids.get(target.name) ?? [], round);
        const token = request.method === 'POST' ? target.writerToken : target.readerToken;
        const plan = { ...request, url: target.url, token, connections: measure.connections };
        rounds.get(target.name)?.push(await runRound(target, { ...plan, ...options }));
      }
    }
    all.push(...running.map(({ name }) => figures(measure, name, rounds)));
  }
  return all;
}

async function runRound({ server }: Target, plan: LoadPlan): Promise<Round> {
  const before = server?.cpuSeconds;
  const result = await runLoad(plan);
  const after = server?.cpuSeconds;
  const isKnown = before !== undefined && after !== undefined;
  return { ...result, cpuMicros: isKnown ? ((after - before) * 1e6) / result.answers : undefined };
}

function takesPart({ isFixed, rivals }: CallMeasure, target: string, options: BenchOptions): boolean {
  if (target === NAIVE || target === DATABASE) return rivals.includes(target);
  return isFixed || !options.rivals.some(({ name }) => name === target);
}

function figures(measure: CallMeasure, target: string, all: Map<string, Round[]>): CallFigures {
  const rounds = all.get(target) ?? [];
  const floor = target === FLOOR ? [] : (all.get(FLOOR) ?? []);
  const ratio = (of: (result: LoadResult) => number): number | undefined =>
    floor.length === 0
      ? undefined
      : median(rounds.flatMap((round, index) => (floor[index] ? [of(round) / of(floor[index])] : [])));
  const failures: Record<string, number> = {};
  for (const round of rounds) {
    for (const [cause, count] of Object.entries(round.failures)) failures[cause] = (failures[cause] ?? 0) + count;
  }
  return {
    measure: measure.name,
    title: `${measure.title}, ${measure.connections} connection${measure.connections === 1 ? '' : 's'}`,
    target,
    requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
    p50: median(rounds.map((round) => round.p50)),
    p99: median(rounds.map((round) => round.p99)),
    cpuMicros: rounds[0]?.cpuMicros === undefined ? undefined : median(rounds.map(({ cpuMicros }) => cpuMicros ?? 0)),
    toFloor: ratio((result) => result.requestsPerSecond),
    p50ToFloor: ratio((result) => result.p50),
    failures,
    rounds,
  };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** Another one begins each round: whoever comes after a garbage collection of the database would always be the same. */
function rotate<T>(items: T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function sample(ids: number[], count: number): number[] {
  const step = Math.max(1, Math.floor(ids.length / count));
  return ids.filter((_id, index) => index % step === 0);
}
