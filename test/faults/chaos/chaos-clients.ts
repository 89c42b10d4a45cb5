import { setTimeout as sleep } from 'node:timers/promises';
import { registerAdmin } from '../../builders/people.builder.js';
import type { RoutingStage } from '../../follower/routing-stage.js';
import type { ApiProcess } from '../../support/api-process.js';
import type { Answer } from '../../support/http-call.js';
import type { Heartbeat } from '../heartbeat.js';
import { ageOfAnswer, HEARTBEAT_READS } from '../heartbeat-reads.js';
import type { ChaosRecord } from './chaos-record.js';
import type { SeededRandom } from './seeded-random.js';

const READER_PAUSE_MS = 30;
const WRITER_PAUSE_MS = 20;

export interface ChaosScene {
  stage: RoutingStage;
  heartbeat: Heartbeat;
  record: ChaosRecord;
  isOver(): boolean;
}

/** What a reader may ask for; the bound where it asks for one. */
const PREFERENCES: { preference?: string; boundMs?: number; mayBeRefused?: boolean }[] = [
  {},
  { preference: 'primary' },
  { preference: 'follower-preferred' },
  { preference: 'follower-preferred; allow-stale' },
  { preference: 'follower-preferred; max-staleness=2000; wait=100', boundMs: 2_000 },
  { preference: 'follower-preferred; max-staleness=500', boundMs: 500 },
  { preference: 'follower-preferred; max-staleness=100', boundMs: 100 },
  { preference: 'follower-only', mayBeRefused: true },
  { preference: 'follower-only; max-staleness=1000', boundMs: 1_000, mayBeRefused: true },
];

/** Reads the heartbeat through any process, with any preference, half the time with the newest token it has got. */
export async function chaosReader(
  { stage, heartbeat, record, isOver }: ChaosScene,
  random: SeededRandom,
): Promise<void> {
  let seen: string | undefined;
  while (!isOver()) {
    const read = random.pick(HEARTBEAT_READS);
    const { preference, boundMs, mayBeRefused = false } = random.pick(PREFERENCES);
    const sent = random.next() < 0.5 ? seen : undefined;
    const askedAt = performance.now();
    const headers = headersOf(sent, preference);
    const answer = await record.call(random.pick(stage.apis), 'GET', read.path(heartbeat.customerId), {
      token: stage.admin.token,
      headers,
      mayBeRefused,
    });
    if (answer?.status === 200) {
      record.age(ageOfAnswer(heartbeat, read, answer, askedAt, boundMs), preference);
      seen = tokenOf(answer) ?? seen;
    }
    await sleep(READER_PAUSE_MS);
  }
}

/**
 * Changes what is its own alone and looks at once whether the change is there. With tokens it writes and reads through
 * any process and asks for any server; without, it stays with one process and sends neither header, as clients of the Go
 * service do.
 */
export async function chaosWriter(
  { stage, record, isOver }: ChaosScene,
  random: SeededRandom,
  sendsTokens: boolean,
): Promise<void> {
  const { token } = await registerAdmin(stage);
  const own = random.pick(stage.apis);
  const api = (): ApiProcess => (sendsTokens ? random.pick(stage.apis) : own);
  let seen: string | undefined;
  const call = async (method: string, path: string, json?: object): Promise<Answer | undefined> => {
    const preferences = PREFERENCES.filter(({ mayBeRefused }) => !mayBeRefused);
    const preference = method === 'GET' && sendsTokens ? random.pick(preferences).preference : undefined;
    const headers = sendsTokens ? headersOf(seen, preference) : {};
    const answer = await record.call(api(), method, path, { token, headers, json });
    if (answer !== undefined && answer.status < 300) seen = tokenOf(answer) ?? seen;
    return answer;
  };
  const made = await call('POST', '/api/customers', { name: 'Own', email: `own-${random.next()}@example.com` });
  const customerId = made?.json<{ id: number }>().id;
  const accounts: number[] = [];
  /** What the API should say now. */
  let customerName = 'Own';
  const looks: [string, () => string, (answer: Answer) => unknown, () => unknown][] = [
    ['totals', () => `/api/analytics/customers/${customerId}`, (a) => a.json().total_accounts, () => accounts.length],
    ['overview', () => '/api/analytics', (a) => a.json().total_accounts, () => accounts.length],
    ['customer', () => `/api/customers/${customerId}`, (a) => a.json().name, () => customerName],
    [
      'page',
      () => `/api/accounts?customer_id=${customerId}&limit=200`,
      (a) => a.json<unknown[]>().length,
      () => accounts.length,
    ],
    ['list', () => '/api/accounts', (a) => a.json<unknown[]>().length, () => accounts.length],
  ];
  const change = async (): Promise<void> => {
    const kind = random.next();
    if (accounts.length < 3 || (kind < 0.4 && accounts.length < 50)) {
      const answer = await call('POST', '/api/accounts', { customer_id: customerId, name: 'A', status: 'active' });
      if (answer?.status === 201) accounts.push(answer.json<{ id: number }>().id);
    } else if (kind < 0.7) {
      const answer = await call('DELETE', `/api/accounts/${accounts[0]}`);
      if (answer?.status === 200) accounts.shift();
    } else {
      const name = `Own ${random.next()}`;
      const answer = await call('PUT', `/api/customers/${customerId}`, { name, email: made?.json().email });
      if (answer?.status === 200) customerName = name;
    }
  };
  while (!isOver()) {
    await change();
    for (const [look, path, shown, expected] of random.shuffle(looks).slice(0, 2)) {
      const answer = await call('GET', path());
      if (answer?.status === 200) record.ownWrite(look, answer, shown(answer), expected(), sendsTokens);
    }
    await sleep(WRITER_PAUSE_MS);
  }
}

const tokenOf = ({ headers }: Answer): string | undefined => headers['x-consistency-token'] as string | undefined;

function headersOf(token: string | undefined, preference: string | undefined): Record<string, string> {
  return {
    ...(token === undefined ? {} : { 'x-consistency-token': token }),
    ...(preference === undefined ? {} : { 'x-read-preference': preference }),
  };
}
