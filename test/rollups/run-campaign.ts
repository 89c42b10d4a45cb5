import { parseArgs } from 'node:util';
import { checkRollups, RollupFolding, RollupsModule } from '@app/analytics';
import { ConfigModule, loadConfiguration } from '@app/config';
import { DatabaseModule, DatabaseReadiness, runMigrations } from '@app/database';
import { createLogger, LoggingModule } from '@app/logging';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';
import { CampaignWrites } from './campaign-writes.js';
import { compareReads } from './compare-reads.js';
import { sessionOf } from './support/session-of.js';

const FOLD_PAUSE_MS = 1_000;
const FULL_CHECKS = 20;

/** Runs the whole and resolves with the exit code: 0 where no answer differed from its recount. */
export async function runCampaign(words: string[]): Promise<number> {
  const { times, writes, customers } = parse(words);
  const { cluster, remove } = await startThrowAwayCluster(1, { shared_buffers: '512MB' });
  const interrupt = (): void => void remove().finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const [primary, follower] = [cluster.primary.url, cluster.followers[0]?.url ?? ''];
    await runMigrations(primary);
    console.log(`Loading ${customers} customers with 5 accounts each`);
    await load(primary, customers);
    return await compare({ primary, follower }, times, writes, customers);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await remove();
  }
}

async function compare(urls: Record<'primary' | 'follower', string>, times: number, writes: number, customers: number) {
  const folds = await startFolding(urls.primary);
  const load = await CampaignWrites.start(urls.primary, writes, customers);
  const startedAt = performance.now();
  let [wrong, compared] = [0, 0];
  try {
    for (let time = 0; time < times; time++) {
      for (const server of ['primary', 'follower'] as const) {
        const differences = await inSnapshot(urls[server], async (client) => {
          const found = await compareReads(sessionOf(client), time);
          if (time % Math.ceil(times / FULL_CHECKS) !== 0) return found;
          const { drift, differences: totals } = await checkRollups(sessionOf(client));
          return drift === 0 ? found : [...found, ...totals.map((total) => JSON.stringify(total))];
        });
        compared += 1;
        if (differences.length > 0) wrong += 1;
        for (const difference of differences.slice(0, 5)) console.log(`WRONG ${time} ${server}: ${difference}`);
      }
      if ((time + 1) % 50 === 0) console.log(`${time + 1} of ${times}: ${load.describe()}`);
    }
  } finally {
    await load.stop();
    await folds.stop();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${compared} comparisons in ${seconds.toFixed(0)} s, ${wrong} wrong; ${folds.count()} folds`);
  console.log(
    `${load.describe()}; ${(load.rows / seconds).toFixed(0)} rows/s, ${(load.total / seconds).toFixed(0)} statements/s`,
  );
  for (const failure of load.failures) console.log(`FAILED ${failure}`);
  return wrong === 0 && load.failures.length === 0 ? 0 : 1;
}

async function inSnapshot<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function load(url: string, customers: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`INSERT INTO organizations (name) SELECT 'O' || i FROM generate_series(1, 6) i`);
  await client.query(
    `INSERT INTO customers (organization_id, name, email, created_at)
     SELECT 1 + i % 6, 'C' || i, i || '@c', now() AT TIME ZONE 'UTC' - i * interval '7 minutes' FROM generate_series(1, $1::int) i`,
    [customers],
  );
  await client.query(`INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
    SELECT organization_id, id, 'A', (ARRAY['active', 'inactive', 'pending', 'suspended'])[1 + (id + i) % 4], created_at
    FROM customers, generate_series(1, 5) i`);
  await client.query('VACUUM ANALYZE customers, accounts');
  await client.end();
}

async function startFolding(url: string) {
  const configuration = loadConfiguration({ NODE_ENV: 'test', DATABASE_URL: url }, { tokens: false });
  @Module({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(createLogger({ level: 'silent', name: 'campaign' })),
      DatabaseModule,
      RollupsModule,
    ],
  })
  class Folding {}
  const context = await NestFactory.createApplicationContext(Folding, { logger: false });
  await eventually(() => context.get(DatabaseReadiness).assertReady());
  const folding = context.get(RollupFolding);
  let [isStopped, count] = [false, 0];
  const loop = (async () => {
    while (!isStopped) {
      await folding.fold();
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, FOLD_PAUSE_MS));
    }
  })();
  return {
    count: () => count,
    stop: async () => {
      isStopped = true;
      await loop;
      await context.close();
    },
  };
}

function parse(words: string[]) {
  const options = { times: { type: 'string' }, writes: { type: 'string' }, customers: { type: 'string' } } as const;
  const { values } = parseArgs({ args: words, options });
  const number = (text: string | undefined, usual: number): number => {
    const value = Number(text ?? usual);
    if (!Number.isInteger(value) || value < 1) throw new Error('Each option takes a number from 1 on');
    return value;
  };
  return {
    times: number(values.times, 1_000),
    writes: number(values.writes, 500),
    customers: number(values.customers, 100_000),
  };
}
