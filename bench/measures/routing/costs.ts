import type { LoadPlan } from '../../load/load-plan.js';
import type { BenchOptions } from '../../options.js';
import type { BenchStack } from '../../stack/bench-stack.js';
import { customerIds, fill, registerAndSignIn, type Target } from '../../targets.js';
import { FLOOR } from '../calls.js';
import { alternate, figuresOf, type RoundFigures, ratioTo, sample } from '../rounds.js';

/** The server that the others are compared with: the API with ANALYTICS_DB_URL unset. */
export const NO_FOLLOWER = 'no follower';
/** The control: another process of the same. */
export const NO_FOLLOWER_AGAIN = 'no follower, another process';

export interface CostFigures extends RoundFigures {
  title: string;
  /** Ratios to the API without a follower, medians of the rounds' own. */
  throughputRatio: number | undefined;
  p50Ratio: number | undefined;
  cpuRatio: number | undefined;
}

interface CostCall {
  title: string;
  connections: number;
  /** Whether the hand-written floor takes part, to tell what a write costs beyond its statement. */
  hasFloor: boolean;
  request(ids: number[], target: string): Pick<LoadPlan, 'method' | 'paths' | 'bodies'>;
}

/** Few, so that an answer's cost is not all in the database's counting. */
const CUSTOMERS = 1_000;
const byId = (ids: number[]) => ({ method: 'GET' as const, paths: ids.map((id) => `/api/customers/${id}`) });
const get = (path: string) => () => ({ method: 'GET' as const, paths: [path] });
const insert = (_ids: number[], target: string) => ({
  method: 'POST' as const,
  paths: ['/api/customers'],
  bodies: [
    JSON.stringify({ name: 'Customer {n}', email: `{n}.${target.replaceAll(/\W/g, '')}.${Date.now()}@example.com` }),
  ],
});
const CALLS: CostCall[] = [
  { title: 'GET /api/customers/:id', connections: 32, hasFloor: true, request: byId },
  { title: 'GET /api/customers/:id', connections: 1, hasFloor: true, request: byId },
  { title: 'GET /api/customers?limit=50', connections: 32, hasFloor: false, request: get('/api/customers?limit=50') },
  { title: 'POST /api/customers', connections: 32, hasFloor: true, request: insert },
  { title: 'POST /api/customers', connections: 1, hasFloor: true, request: insert },
  { title: 'GET /api/analytics', connections: 4, hasFloor: false, request: get('/api/analytics') },
];

/**
 * The floor for costs: the same calls of an API with ANALYTICS_DB_URL set, its clients sending tokens or not, and of one with it
 * unset, in turn. A second one with it unset shows how far two equal processes differ here.
 */
export async function measureCosts(
  stack: BenchStack,
  { costRounds, costWarmUpSeconds, costSeconds }: BenchOptions,
  say: (line: string) => void,
): Promise<CostFigures[]> {
  const targets = await startTargets(stack);
  const [reference] = targets as [Target];
  await fill(reference, CUSTOMERS);
  await stack.settle();
  const ids = sample(await customerIds(reference.url, reference.readerToken), 1_000);
  const all: CostFigures[] = [];
  for (const { title, connections, hasFloor, request } of CALLS) {
    const named = `${title}, ${connections} connection${connections === 1 ? '' : 's'}`;
    say(`Costs: ${named}`);
    const running = targets.filter(({ name }) => hasFloor || name !== FLOOR);
    const rounds = await alternate(running, costRounds, ({ name, url, readerToken, writerToken, headers }) => {
      const asked = request(ids, name);
      const token = asked.method === 'POST' ? writerToken : readerToken;
      return { ...asked, url, token, headers, connections, warmUpSeconds: costWarmUpSeconds, seconds: costSeconds };
    });
    for (const { name } of running) {
      all.push({
        title: named,
        ...figuresOf(rounds, name),
        throughputRatio: ratioTo(NO_FOLLOWER, rounds, name, (round) => round.requestsPerSecond),
        p50Ratio: ratioTo(NO_FOLLOWER, rounds, name, (round) => round.p50),
        cpuRatio: ratioTo(NO_FOLLOWER, rounds, name, (round) => round.cpuMicros),
      });
    }
  }
  for (const server of new Set(targets.map((target) => target.server))) await server?.stop();
  return all;
}

async function startTargets(stack: BenchStack): Promise<Target[]> {
  const [without, again] = [
    await stack.startApi({ ANALYTICS_DB_URL: '' }),
    await stack.startApi({ ANALYTICS_DB_URL: '' }),
  ];
  const [follower, floor] = [await stack.startApi(), await stack.startRival(FLOOR)];
  const tokens = {
    readerToken: await registerAndSignIn(without.url, 'cost-reader'),
    writerToken: await registerAndSignIn(without.url, 'cost-writer'),
  };
  const target = (name: string, server: typeof floor, headers?: Record<string, string>): Target => ({
    ...{ name, url: server.url, server, headers },
    ...tokens,
  });
  return [
    target(NO_FOLLOWER, without),
    target(NO_FOLLOWER_AGAIN, again),
    target('follower', follower),
    target('follower, token sent', follower, {
      'x-consistency-token': await consistencyToken(follower.url, tokens.readerToken),
    }),
    target(FLOOR, floor),
  ];
}

/** As a client has it after its first read. */
async function consistencyToken(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/api/customers?limit=1`, { headers: { authorization: `Bearer ${token}` } });
  const sent = answer.headers.get('x-consistency-token');
  if (sent === null) throw new Error(`${url} sent no consistency token`);
  return sent;
}
