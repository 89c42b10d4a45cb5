import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { makeCustomer } from '../builders/records.builder.js';
import { isRawPositionReached, missingRows } from '../faults/controls/positions.js';
import { FaultRow } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import type { ApiProcess } from '../support/api-process.js';
import type { Answer } from '../support/http-call.js';
import { ask } from '../support/questions.js';
import { readMetrics } from './metrics.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const WRITERS = 8;
const NEVER_MS = 2_000;
const PAIR_MS = 40;
/** On one machine a follower replays faster than a request is made; on two it is a little behind all the time. */
const APPLY_DELAY_MS = 10;

let stage: RoutingStage;
let urls: { primaryUrl: string; followerUrl: string };
beforeAll(async () => {
  stage = await openRoutingStage({ apis: 2 });
  urls = { primaryUrl: stage.cluster.primary.url, followerUrl: stage.follower.url };
});
afterAll(() => stage?.close());

const tokenOf = ({ headers }: Answer) => String(headers['x-consistency-token']);
const routeOf = ({ headers }: Answer) => `${headers['x-db-route']} ${headers['x-db-route-reason']}`;

/**
 * Clients that make an account and look at once, through another process, how many the customer has. Resolves with what
 * each look showed, `true` where the account was there.
 */
async function writeAndRead(pairs: number, sendsToken: boolean): Promise<{ isThere: boolean; route: string }[]> {
  const [writing, reading] = stage.apis as [ApiProcess, ApiProcess];
  const looks: { isThere: boolean; route: string }[] = [];
  const client = async (): Promise<void> => {
    const { token } = await registerAdmin(stage);
    const { id } = await makeCustomer({ call: writing.call }, token);
    await stage.untilCaughtUp();
    for (let made = 1; made <= Math.ceil(pairs / WRITERS); made += 1) {
      const json = { customer_id: id, name: 'A', status: 'active' };
      const write = await writing.call('POST', '/api/accounts', { token, json });
      if (write.status !== 201) throw new Error(`${write.status} ${write.text}`);
      const headers = sendsToken ? { 'x-consistency-token': tokenOf(write) } : {};
      const read = await reading.call('GET', `/api/analytics/customers/${id}`, { token, headers });
      looks.push({ isThere: read.json().total_accounts === made, route: routeOf(read) });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, client));
  return looks;
}

const missing = (looks: { isThere: boolean }[]) => looks.filter(({ isThere }) => !isThere).length;
const share = (part: number, whole: number) =>
  `${part.toLocaleString('en-US')} of ${whole.toLocaleString('en-US')} missing (${((100 * part) / whole).toFixed(1)} %)`;

it('a position taken before COMMIT misses rows, one taken after it none', {
  timeout: timeLimit(size.pairs * PAIR_MS),
}, async (context) => {
  const row = new FaultRow(
    context,
    `${size.pairs.toLocaleString('en-US')} write → read pairs with token, ${WRITERS} writers`,
  );
  const before = await missingRows(urls, size.pairs, 'before');
  row.control('token taken before COMMIT', share(before, size.pairs), before > 0);
  row.atMost('missing by hand, position taken after COMMIT', await missingRows(urls, size.pairs, 'after'), 0);
});

it('at the beginning of a segment a token is satisfied at the first look', async (context) => {
  const row = new FaultRow(context, 'pg_switch_wal(), then a token read');
  // The first read after a write may write hint bits, and so move the position on.
  await stage.call('GET', '/api/analytics', { headers: { 'x-read-preference': 'primary' } });
  await stage.untilCaughtUp();
  // What the server itself writes from time to time moves the position on: then it is tried again.
  for (let attempt = 1; ; attempt += 1) {
    const { lsn, isReached } = await isRawPositionReached(urls, NEVER_MS);
    if (isReached && attempt < 4) continue;
    row.control('no normalisation', isReached ? 'reached' : `${lsn} not reached in ${NEVER_MS} ms`, !isReached);
    break;
  }
  const [{ lsn }] = (await stage.sql('SELECT pg_current_wal_insert_lsn()::text AS lsn')) as [{ lsn: string }];
  const fromPrimary = await stage.call('GET', '/api/analytics', { headers: { 'x-read-preference': 'primary' } });
  expect(routeOf(fromPrimary)).toBe('primary preference');
  const token = tokenOf(fromPrimary);
  expect(token.split('.').at(-1)).not.toBe(lsn);
  const waits: number[] = [];
  for (const api of stage.apis) {
    const waitedBefore = (await readMetrics(api.call)).value('db_token_wait_seconds_count');
    const headers = { 'x-consistency-token': token };
    const answer = await api.call('GET', '/api/analytics', { token: stage.admin.token, headers });
    expect(routeOf(answer)).toBe('follower ok');
    waits.push((await readMetrics(api.call)).value('db_token_wait_seconds_count') - waitedBefore);
  }
  row.atMost('reads that had to wait', waits.filter((wait) => wait > 0).length, 0);
});

it('who sends back the token of its write finds it, through a process that knows nothing of the write', {
  timeout: timeLimit(size.pairs * PAIR_MS),
}, async (context) => {
  const row = new FaultRow(
    context,
    `${size.pairs.toLocaleString('en-US')} write → read pairs with token, ${WRITERS} writers`,
  );
  await ask(urls.followerUrl, `ALTER SYSTEM SET recovery_min_apply_delay = ${APPLY_DELAY_MS}`);
  await ask(urls.followerUrl, 'SELECT pg_reload_conf()');
  const looks = await writeAndRead(size.pairs, true);
  row.atMost('missing', missing(looks), 0);
  row.atLeast('pairs', looks.length, size.pairs);
  row.note(
    'answered by the follower',
    (100 * looks.filter(({ route }) => route === 'follower ok').length) / looks.length,
    '%',
  );
  const tokenless = await writeAndRead(size.tokenlessPairs, false);
  row.control('no token', share(missing(tokenless), tokenless.length), missing(tokenless) > 0);
});
