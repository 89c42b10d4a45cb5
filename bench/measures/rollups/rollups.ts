import type { BenchOptions } from '../../options.js';
import type { BenchStack } from '../../stack/bench-stack.js';
import { registerAndSignIn, signIn, type Target } from '../../targets.js';
import { NAIVE } from '../calls.js';
import { alternate, figuresOf, type RoundFigures, ratioTo } from '../rounds.js';
import { measureWrites, type WriteFigures } from './writes.js';

const [FULL, EMPTY] = ['full', 'empty'];
const CONNECTIONS = 4;
/** The naive way takes seconds for one answer. */
const NAIVE_SECONDS = 10;

export interface RollupReadFigures extends RoundFigures {
  title: string;
  /** Of the full database: the median answer as a multiple of the empty one's. */
  toEmpty: number | undefined;
  /** Requests per second as a multiple of the naive way's. */
  toNaive: number | undefined;
}

export interface RollupFigures {
  customers: number;
  reads: RollupReadFigures[];
  writes: WriteFigures[];
}

const spread = (customers: number): number[] =>
  Array.from({ length: 100 }, (_, index) => 1 + Math.floor((index * customers) / 100));

/** What analytics cost on a full database beside an empty one, and what counting them costs who writes. */
export async function measureRollups(
  { full, empty }: Record<'full' | 'empty', BenchStack>,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<RollupFigures> {
  const { rollupCustomers: customers } = options;
  const [api, emptyApi, naive] = [await full.startApi(), await empty.startApi(), await full.startRival(NAIVE)];
  const token = await signIn(api.url, full.admin);
  const emptyToken = await registerAndSignIn(emptyApi.url, 'empty');
  const targetOf = (name: string, url: string, readerToken: string): Target => ({
    name,
    url,
    readerToken,
    writerToken: '',
  });
  const pair = [targetOf(FULL, api.url, token), targetOf(EMPTY, emptyApi.url, emptyToken)];
  const calls: [title: string, paths: string[], targets: Target[]][] = [
    ['GET /api/analytics', ['/api/analytics'], [...pair, targetOf(NAIVE, naive.url, token)]],
    ['GET …/customers/:id', spread(customers).map((id) => `/api/analytics/customers/${id}`), pair],
    ['GET …/timeseries', ['/api/analytics/timeseries?metric=accounts_total'], pair],
    ['the same, Asia/Kolkata', ['/api/analytics/timeseries?metric=accounts_total&time_zone=Asia/Kolkata'], pair],
  ];
  const reads: RollupReadFigures[] = [];
  for (const [title, paths, targets] of calls) {
    const rounds = await alternate(targets, options.rounds, (target) => ({
      url: target.url,
      token: target.readerToken,
      method: 'GET',
      paths,
      connections: CONNECTIONS,
      warmUpSeconds: target.name === NAIVE ? 0 : options.warmUpSeconds,
      seconds: target.name === NAIVE ? Math.max(NAIVE_SECONDS, options.seconds) : options.seconds,
      requests: target.name === NAIVE ? CONNECTIONS : undefined,
    }));
    for (const { name } of targets) {
      const toEmpty = name === FULL ? ratioTo(EMPTY, rounds, name, ({ p50 }) => p50) : undefined;
      const isCompared = name === FULL && targets.length > 2;
      const toNaive = isCompared
        ? ratioTo(NAIVE, rounds, name, ({ requestsPerSecond }) => requestsPerSecond)
        : undefined;
      reads.push({ title, toEmpty, toNaive, ...figuresOf(rounds, name) });
    }
    const last = reads.find((read) => read.title === title && read.target === FULL);
    say(`${title}: ${last?.p50.toFixed(2)} ms, ${last?.toEmpty?.toFixed(2)} × empty`);
  }
  say('Writing with and without triggers');
  return { customers, reads, writes: await measureWrites(full.primaryUrl, options) };
}
