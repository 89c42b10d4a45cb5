import type { LoadPlan } from '../load/load-plan.js';
import { type BenchOptions, isWanted } from '../options.js';
import { customerIds, type Target } from '../targets.js';
import { alternate, figuresOf, type RoundFigures, type Rounds, ratioTo, sample } from './rounds.js';

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

export interface CallFigures extends RoundFigures {
  measure: string;
  title: string;
  toFloor: number | undefined;
  p50ToFloor: number | undefined;
}

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
    name: 'overview',
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
    const rounds = await alternate(running, options.rounds, (target, round) => {
      const request = measure.request(ids.get(target.name) ?? [], round);
      const token = request.method === 'POST' ? target.writerToken : target.readerToken;
      return { ...request, ...options, url: target.url, token, connections: measure.connections };
    });
    all.push(...running.map(({ name }) => figures(measure, name, rounds)));
  }
  return all;
}

function takesPart({ isFixed, rivals }: CallMeasure, target: string, options: BenchOptions): boolean {
  if (target === NAIVE || target === DATABASE) return rivals.includes(target);
  return isFixed || !options.rivals.some(({ name }) => name === target);
}

function figures(measure: CallMeasure, target: string, all: Rounds): CallFigures {
  return {
    measure: measure.name,
    title: `${measure.title}, ${measure.connections} connection${measure.connections === 1 ? '' : 's'}`,
    ...figuresOf(all, target),
    toFloor: ratioTo(FLOOR, all, target, (round) => round.requestsPerSecond),
    p50ToFloor: ratioTo(FLOOR, all, target, (round) => round.p50),
  };
}
