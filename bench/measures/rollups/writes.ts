import pg from 'pg';
import type { BenchOptions } from '../../options.js';
import { median } from '../rounds.js';

const CLIENTS = 16;

export interface WriteFigures {
  title: string;
  /** Milliseconds of a statement, medians of the rounds. */
  withoutMs: number;
  withMs: number;
  /** Median of the rounds' own ratios. */
  ratio: number;
}

const TRIGGERS = `SELECT tgrelid::regclass AS "table", quote_ident(tgname) AS name FROM pg_trigger
  WHERE tgrelid IN ('customers'::regclass, 'accounts'::regclass) AND tgname ~ '^(rollups|log)_' AND tgname !~ 'truncate'`;
const INSERT = {
  name: 'insert-account',
  text: `INSERT INTO accounts (organization_id, customer_id, name, status)
    SELECT organization_id, id, 'bench', 'active' FROM customers WHERE id = $1`,
};
const BULK = `INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
  SELECT c.organization_id, c.id, 'bulk ' || i, (ARRAY['active', 'inactive', 'pending'])[1 + i % 3],
    timestamp '2025-01-01' + i * interval '1 minute'
  FROM generate_series(1, $1::int) i JOIN customers c ON c.id = 1 + i % $2::int`;

/** What the triggers of rollups and change log cost: the same statements with them on and off, in turns. */
export async function measureWrites(url: string, options: BenchOptions): Promise<WriteFigures[]> {
  const pool = new pg.Pool({ connectionString: url, max: CLIENTS });
  try {
    const ways: [string, () => Promise<number>][] = [
      [`an account, ${CLIENTS} clients`, () => single(pool, options)],
      [`${options.bulkAccounts} accounts in one statement`, () => bulk(pool, options)],
    ];
    const figures: WriteFigures[] = [];
    for (const [title, write] of ways) {
      const [without, withThem]: [number[], number[]] = [[], []];
      for (let round = 0; round < options.rounds; round++) {
        await switchTriggers(pool, 'DISABLE');
        without.push(await write());
        await switchTriggers(pool, 'ENABLE');
        withThem.push(await write());
      }
      const ratio = median(withThem.map((ms, round) => ms / (without[round] ?? ms)));
      figures.push({ title, withoutMs: median(without), withMs: median(withThem), ratio });
    }
    return figures;
  } finally {
    await pool.end();
  }
}

async function switchTriggers(pool: pg.Pool, how: 'DISABLE' | 'ENABLE'): Promise<void> {
  const { rows } = await pool.query<{ table: string; name: string }>(TRIGGERS);
  for (const { table, name } of rows) await pool.query(`ALTER TABLE ${table} ${how} TRIGGER ${name}`);
}

/** Milliseconds of a client for one statement. */
async function single(pool: pg.Pool, { seconds, rollupCustomers }: BenchOptions): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      await pool.query({ ...INSERT, values: [1 + Math.floor(Math.random() * rollupCustomers)] });
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (seconds * 1_000 * CLIENTS) / Math.max(1, count);
}

async function bulk(pool: pg.Pool, { bulkAccounts, rollupCustomers }: BenchOptions): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const startedAt = performance.now();
    await client.query(BULK, [bulkAccounts, rollupCustomers]);
    const ms = performance.now() - startedAt;
    await client.query('ROLLBACK');
    return ms;
  } finally {
    client.release();
  }
}
