import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plantManyCustomers } from '../builders/many-records.builder.js';
import { FaultRow, largest, median, quantile } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { eventually } from '../support/eventually.js';
import type { Answer } from '../support/http-call.js';
import { startProcess, type TestProcess } from '../support/processes.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const WRITE_EVERY_MS = 20;
const FALLBACK_MAX = 5;
/** Beyond this a client gives up rather than have more requests open. */
const OPEN_REQUESTS_MAX = 400;

let stage: RoutingStage;
let watcher: pg.Client;
let worker: TestProcess;
beforeAll(async () => {
  stage = await openRoutingStage();
  await plantManyCustomers(stage, stage.admin.organizationId, size.customersUnderLoad);
  await stage.sql(
    `INSERT INTO accounts (organization_id, customer_id, name, status)
     SELECT organization_id, id, 'Planted', 'active' FROM customers`,
  );
  // As in any installation: without one all that was planted would be added up again for each answer.
  const environment = {
    DATABASE_URL: stage.cluster.primary.url,
    ANALYTICS_DB_URL: stage.follower.url,
    HEALTH_PORT: String(await findFreePort()),
  };
  worker = startProcess('dist/apps/worker/src/main.js', { environment });
  await eventually(async () => expect(await stage.sql('SELECT FROM rollup_deltas LIMIT 1')).toEqual([]), 60_000, 200);
  await stage.sql('VACUUM (ANALYZE) customers, accounts');
  await stage.untilCaughtUp();
  watcher = new pg.Client({ connectionString: stage.cluster.primary.url });
  await watcher.connect();
});
afterAll(async () => {
  await watcher?.end();
  await worker?.stop(25_000);
  await stage?.close();
});

/** Writes at an even pace for so long; resolves with how long each took, and tells those that failed. */
async function timesOfWrites(ms: number, failures: string[]): Promise<number[]> {
  const times: number[] = [];
  const [startedAt, open] = [performance.now(), new Set<Promise<unknown>>()];
  for (let turn = 0; turn * WRITE_EVERY_MS < ms; turn += 1) {
    await sleep(Math.max(0, startedAt + turn * WRITE_EVERY_MS - performance.now()));
    const json = { name: `Written ${turn}`, email: `w${startedAt}-${turn}@example.com` };
    const write = stage.call('POST', '/api/customers', { json }).then((answer) => {
      if (answer.status !== 201) failures.push(`${answer.status} ${answer.text}`);
      times.push(answer.ms);
    });
    open.add(write.finally(() => open.delete(write)));
  }
  await Promise.all(open);
  return times;
}

/** Asks for analytics at an even rate, whether answers come or not, until told to stop. */
function readAtARate(perSecond: number) {
  const answers: Answer[] = [];
  const failures: string[] = [];
  let [open, asked, isStopped] = [0, 0, false];
  const startedAt = performance.now();
  const ask = async (): Promise<void> => {
    open += 1;
    asked += 1;
    await stage.call('GET', '/api/analytics').then(
      (answer) => answers.push(answer),
      (error: Error) => failures.push(error.message),
    );
    open -= 1;
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const due = ((performance.now() - startedAt) / 1_000) * perSecond - asked;
      for (let index = 0; index < due && open < OPEN_REQUESTS_MAX; index += 1) void ask();
      await sleep(10);
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      await eventually(() => expect(open).toBe(0), 20_000);
      return { answers, failures, perSecond: (asked * 1_000) / (performance.now() - startedAt) };
    },
  };
}

/** The most sessions of the fallback that the primary has seen at a time, looking until told to stop. */
function watchFallbackSessions() {
  let [most, isStopped] = [0, false];
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const { rows } = await watcher.query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'tandem-fallback'");
      most = Math.max(most, rows.length);
      await sleep(50);
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return most;
    },
  };
}

it('the reads of a lost follower don’t drown the primary', {
  timeout: timeLimit(size.loadRounds * size.loadRoundMs * 3),
}, async (context) => {
  const row = new FaultRow(
    context,
    `follower down + ${size.readsPerSecond} analytics reads/s, ${size.customersUnderLoad.toLocaleString('en-US')} customers`,
  );
  const [ratios, overQuiet, sessions]: [number[], number[], number[]] = [[], [], []];
  const [failures, wrong, failedWrites]: [string[], string[], string[]] = [[], [], []];
  let [shed, served, rate] = [0, 0, 0];
  for (let round = 0; round < size.loadRounds; round += 1) {
    await stage.follower.start();
    await eventually(async () =>
      expect((await stage.call('GET', '/api/analytics')).headers['x-db-route']).toBe('follower'),
    );
    await sleep(1_500);
    const quiet = await timesOfWrites(size.loadRoundMs / 2, failedWrites);
    const reading = readAtARate(size.readsPerSecond);
    const healthy = await timesOfWrites(size.loadRoundMs, failedWrites);
    await reading.stop();

    await stage.follower.stop('immediate');
    await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: 'disconnected' }));
    const fallback = watchFallbackSessions();
    const load = readAtARate(size.readsPerSecond);
    const loaded = await timesOfWrites(size.loadRoundMs, failedWrites);
    const outcome = await load.stop();
    sessions.push(await fallback.stop());
    ratios.push(quantile(loaded, 0.99) / quantile(healthy, 0.99));
    overQuiet.push(quantile(loaded, 0.99) / quantile(quiet, 0.99));
    failures.push(...outcome.failures);
    rate += outcome.perSecond / size.loadRounds;
    for (const { status, headers, text } of outcome.answers) {
      if (status === 200) served += 1;
      else if (status === 503 && headers['retry-after'] === '1' && text.includes('"analytics_shed"')) shed += 1;
      else wrong.push(`${status} ${text}`);
    }
  }
  if (size.name === 'full') row.atMost('write p99 over that with the follower, median', median(ratios), 1.2, '×');
  else row.note('write p99 over that with the follower', median(ratios), '×');
  row.note('write p99 over that without reads', median(overQuiet), '×');
  row.atMost('fallback sessions', largest(sessions), FALLBACK_MAX);
  row.none('failed writes', failedWrites);
  row.none('neither answered nor 503 with Retry-After', [...failures, ...wrong]);
  row.note('reads asked for a second', rate);
  row.note('reads served by the primary', served);
  row.note('reads shed', shed);
});
