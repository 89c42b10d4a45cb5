import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { BACKENDS, type Backend } from '../../test/worker/support/backends.js';
import { RedisServer } from '../../test/worker/support/redis-server.js';
import type { BenchOptions } from '../options.js';
import type { BenchStack } from '../stack/bench-stack.js';

const QUEUES = ['critical', 'default', 'low'] as const;
const SAMPLE_MS = 200;
/** Workers report every second: so long after its start the figures are those of a worker at work. */
const WARM_UP_MS = 2_000;

type Counts = Record<(typeof QUEUES)[number], number>;

export interface QueueFigures {
  backend: Backend;
  /** Of each queue. */
  jobs: number;
  /** Percent of the jobs started while all three queues had work. */
  shares: Counts;
  jobsPerSecond: number;
  /** Slots in use while `low` alone had work, of ten: the fewest ever reported and the mean. */
  lowBusy: { fewest: number; mean: number };
  /** Jobs that were started more than once or did not complete. */
  wrong: number;
}

/** Small jobs (aggregates of an empty organization) on all queues at once, then on `low` alone, by one worker. */
export async function measureQueues(
  stack: BenchStack,
  { jobsEach }: BenchOptions,
  say: (line: string) => void,
): Promise<QueueFigures[]> {
  const sql = new pg.Pool({ connectionString: stack.primaryUrl, max: 2 });
  const figures: QueueFigures[] = [];
  try {
    for (const backend of BACKENDS) {
      say(`${jobsEach} jobs on each queue, on ${backend}`);
      const redis = backend === 'redis' ? await RedisServer.start() : undefined;
      const environment: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
      try {
        const together = await measureShares(stack, sql, environment, jobsEach);
        say(`${jobsEach} jobs on low alone, on ${backend}`);
        figures.push({
          backend,
          jobs: jobsEach,
          ...together,
          lowBusy: await measureLow(stack, sql, environment, jobsEach),
        });
      } finally {
        await redis?.remove();
      }
    }
  } finally {
    await sql.end();
  }
  return figures;
}

async function measureShares(stack: BenchStack, sql: pg.Pool, environment: Record<string, string>, jobsEach: number) {
  await plant(sql, { critical: jobsEach, default: jobsEach, low: jobsEach });
  const worker = await stack.startWorker(environment);
  while (await isUnfinished(sql)) await sleep(SAMPLE_MS);
  await worker.stop();
  const { rows } = await sql.query<Counts & { seconds: number; started: number; wrong: number }>(
    `WITH until AS (SELECT min(last) AS all_busy FROM (SELECT max(started_at) AS last FROM jobs GROUP BY queue) AS each)
     SELECT count(*) FILTER (WHERE started_at <= all_busy)::int AS started,
       ${QUEUES.map((name) => `count(*) FILTER (WHERE started_at <= all_busy AND queue = '${name}')::int AS "${name}"`).join()},
       extract(epoch FROM max(finished_at) - min(started_at))::float AS seconds,
       count(*) FILTER (WHERE attempts <> 1 OR state <> 'completed')::int AS wrong
     FROM jobs, until`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Nothing was counted');
  const percent = (name: keyof Counts): number => (100 * row[name]) / row.started;
  return {
    shares: { critical: percent('critical'), default: percent('default'), low: percent('low') },
    jobsPerSecond: (3 * jobsEach) / row.seconds,
    wrong: row.wrong,
  };
}

async function measureLow(stack: BenchStack, sql: pg.Pool, environment: Record<string, string>, jobsEach: number) {
  await plant(sql, { critical: 0, default: 0, low: jobsEach });
  const worker = await stack.startWorker(environment);
  await sleep(WARM_UP_MS);
  const samples: number[] = [];
  // The last batch is left out: with less than eight jobs there are no eight slots to be busy.
  while (await isUnfinished(sql, 100)) {
    const { rows } = await sql.query<{ busy: number }>('SELECT busy FROM job_workers');
    if (rows[0] !== undefined) samples.push(rows[0].busy);
    await sleep(SAMPLE_MS);
  }
  while (await isUnfinished(sql)) await sleep(SAMPLE_MS);
  await worker.stop();
  const sum = samples.reduce((total, busy) => total + busy, 0);
  return { fewest: samples.length > 0 ? Math.min(...samples) : 0, mean: samples.length > 0 ? sum / samples.length : 0 };
}

async function plant(sql: pg.Pool, counts: Counts): Promise<void> {
  await sql.query('TRUNCATE jobs, job_workers CASCADE');
  const { rows } = await sql.query(`INSERT INTO organizations (name) VALUES ('Bench') RETURNING id`);
  await sql.query(
    `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload)
     SELECT $1, 'aggregate', queue, 3,
       jsonb_build_object('organization_id', $1::int, 'date', date '2000-01-01' + (row_number() OVER ())::int)
     FROM jsonb_each_text($2) AS counts (queue, count), generate_series(1, count::int)`,
    [rows[0].id, JSON.stringify(counts)],
  );
}

async function isUnfinished(sql: pg.Pool, atMost = 0): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT FROM jobs WHERE state IN ('waiting', 'delayed', 'active') ORDER BY created_at LIMIT $1 + 1`,
    [atMost],
  );
  return rows.length > atMost;
}
